package import FoundationEssentials

/// One attempt in a task's ledger.
package struct AttemptEntry: Codable, Sendable, Hashable {
    /// Where the time of an attempt went, in seconds.
    package struct Times: Codable, Sendable, Hashable {
        /// From when the task could run until the claim, on the database's clock.
        package let queue: Double
        /// Fetching inputs, by the worker's clock; nothing from an attempt that never reported.
        package let download: Double?
        /// Loading models, which is part of `compute`.
        package let load: Double?
        package let compute: Double?
        package let upload: Double?
        /// From the claim to the end of an attempt that led to nothing; 0 for one that succeeded.
        package let wasted: Double

        package init(
            queue: Double, download: Double?, load: Double?, compute: Double?, upload: Double?, wasted: Double
        ) {
            self.queue = queue
            self.download = download
            self.load = load
            self.compute = compute
            self.upload = upload
            self.wasted = wasted
        }
    }

    package let n: Int
    package let worker: WorkerID
    /// The name that its worker had; nothing when that had not said hello.
    package let workerName: String?
    /// From an open set: `succeeded`, `failed`, `expired`, `interrupted`, `handed_back`, `canceled`, `superseded`;
    /// nothing while it runs.
    package let outcome: String?
    package let reason: ReasonRecord?
    package let startedAt: Date
    package let finishedAt: Date?
    package let seconds: Times

    package init(
        n: Int, worker: WorkerID, workerName: String?, outcome: String?, reason: ReasonRecord?, startedAt: Date,
        finishedAt: Date?, seconds: Times
    ) {
        self.n = n
        self.worker = worker
        self.workerName = workerName
        self.outcome = outcome
        self.reason = reason
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.seconds = seconds
    }

    private enum CodingKeys: String, CodingKey {
        case n, worker, outcome, reason, seconds
        case workerName = "worker_name"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
    }
}

/// Seconds that attempts have spent in all, of a shot or a run.
package struct SpentTimes: Codable, Sendable, Hashable {
    package let attempts: Int
    package let queue: Double
    package let load: Double
    package let compute: Double
    package let upload: Double
    package let wasted: Double

    package static let zero = SpentTimes(attempts: 0, queue: 0, load: 0, compute: 0, upload: 0, wasted: 0)

    package init(attempts: Int, queue: Double, load: Double, compute: Double, upload: Double, wasted: Double) {
        self.attempts = attempts
        self.queue = queue
        self.load = load
        self.compute = compute
        self.upload = upload
        self.wasted = wasted
    }
}
