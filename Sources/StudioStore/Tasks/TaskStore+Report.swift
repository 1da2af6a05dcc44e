import FoundationEssentials
import Postgres
package import StudioCore

/// What a worker says of an attempt that ended.
package struct TaskReport: Sendable {
    package enum Result: Sendable {
        /// The files it made and uploaded.
        case completed([ArtifactDraft])
        case failed(TaskFailure)
        /// Given back unharmed, because the worker shuts down.
        case handedBack
        /// Stopped, because the task was canceled.
        case canceled
    }

    /// Seconds spent, by the worker's clock.
    package struct Times: Sendable {
        package let download: Double
        /// Loading models, which is part of `compute`.
        package let load: Double
        package let compute: Double
        package let upload: Double

        package init(download: Double, load: Double = 0, compute: Double, upload: Double) {
            self.download = download
            self.load = load
            self.compute = compute
            self.upload = upload
        }
    }

    package let task: TaskID
    package let attempt: Int
    package let worker: WorkerID
    package let result: Result
    package let times: Times

    package init(task: TaskID, attempt: Int, worker: WorkerID, result: Result, times: Times) {
        self.task = task
        self.attempt = attempt
        self.worker = worker
        self.result = result
        self.times = times
    }
}

/// A file that becomes an artifact if its attempt still counts.
package struct ArtifactDraft: Sendable {
    package let name: String
    package let objectKey: String
    package let contentType: String
    package let size: Int64
    package let sha256: [UInt8]
    package let media: MediaFacts

    package init(
        name: String, objectKey: String, contentType: String, size: Int64, sha256: [UInt8], media: MediaFacts
    ) {
        self.name = name
        self.objectKey = objectKey
        self.contentType = contentType
        self.size = size
        self.sha256 = sha256
        self.media = media
    }
}

/// What became of a report.
package enum ReportOutcome: Sendable, Hashable {
    case applied
    /// A newer attempt exists, or the task has ended: nothing was changed.
    case stale
}

extension TaskStore {
    /// Applies reports in one transaction: states, artifacts, ledger, dependents and events, or none of them.
    ///
    /// - Returns: one outcome for each report, in their order.
    package func apply(_ reports: [TaskReport]) async throws -> [ReportOutcome] {
        guard !reports.isEmpty else { return [] }
        let policy = retryPolicy
        return try await client.transaction(retrying: Self.conflictsMax) { transaction in
            var ledger = try RunLedger.lock(runsOf: reports.map(\.task), in: transaction)
            var open = try LeasedTask.lock(reports.map(\.task), in: transaction)
            var changes: [TaskChange] = []
            var accepted: [Int] = []
            for (index, report) in reports.enumerated() {
                // A task leaves `open` with its first report, so that a repeated one in the same batch is stale.
                guard let task = open[report.task], task.lease.attempt == report.attempt, task.owner == report.worker,
                    let change = task.change(after: report.result, policy: policy)
                else { continue }
                open[report.task] = nil
                changes.append(change)
                accepted.append(index)
            }
            let moved = try TaskChange.apply(changes, ledger: &ledger, in: transaction)
            let applied = zip(accepted, changes).filter { moved.contains($1.task) }
            try Self.insertArtifacts(applied.map { (reports[$0], $1) }, in: transaction)
            try Self.closeAttempts(applied.map { (reports[$0], $1) }, in: transaction)
            try WorkerHealth.note(applied.map { (reports[$0], $1) }, in: transaction)
            try ledger.flush(in: transaction)
            var outcomes = [ReportOutcome](repeating: .stale, count: reports.count)
            for (index, _) in applied { outcomes[index] = .applied }
            return outcomes
        }
    }

    private static func insertArtifacts(
        _ applied: [(TaskReport, TaskChange)], in transaction: borrowing Transaction
    ) throws {
        var drafts: [(task: UUID, attempt: Int, draft: ArtifactDraft)] = []
        for (report, change) in applied {
            guard change.to == .succeeded, case .completed(let files) = report.result else { continue }
            drafts += files.map { (report.task.uuid, report.attempt, $0) }
        }
        guard !drafts.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO artifacts (id, tenant_id, run_id, task_id, attempt, name, position, object_key, content_type,
                size, sha256, media)
            SELECT a.id, t.tenant_id, t.run_id, t.id, a.attempt, a.name, array_position(t.outputs, a.name) - 1,
            a.object_key,
                a.content_type, a.size, a.sha256, a.media::jsonb
            FROM unnest(
                \(drafts.map { _ in ArtifactID().uuid })::uuid[], \(drafts.map(\.task))::uuid[],
                \(drafts.map(\.attempt))::int[], \(drafts.map(\.draft.name))::text[],
                \(drafts.map(\.draft.objectKey))::text[], \(drafts.map(\.draft.contentType))::text[],
                \(drafts.map(\.draft.size))::bigint[], \(drafts.map(\.draft.sha256))::bytea[],
                \(try drafts.map { try JSONText.encode($0.draft.media) })::text[]
            ) AS a(id, task, attempt, name, object_key, content_type, size, sha256, media)
            JOIN tasks t ON t.id = a.task
            """)
    }

    private static func closeAttempts(
        _ applied: [(TaskReport, TaskChange)], in transaction: borrowing Transaction
    ) throws {
        guard !applied.isEmpty else { return }
        try transaction.execute(
            """
            UPDATE attempts a SET ended_at = now(), outcome = c.outcome, error_class = c.error_class, code = c.code,
                detail = c.detail, download_seconds = c.download, load_seconds = c.load, compute_seconds = c.compute,
                upload_seconds = c.upload
            FROM unnest(
                \(applied.map(\.0.task.uuid))::uuid[], \(applied.map(\.0.attempt))::int[],
                \(applied.map { $0.0.result.outcome(after: $0.1) })::text[],
                \(applied.map { $0.1.failure?.errorClass.rawValue })::text[],
                \(applied.map { $0.1.failure?.code })::text[], \(applied.map { $0.1.failure?.detail })::text[],
                \(applied.map(\.0.times.download))::float8[], \(applied.map(\.0.times.load))::float8[],
                \(applied.map(\.0.times.compute))::float8[], \(applied.map(\.0.times.upload))::float8[]
            ) AS c(task, attempt, outcome, error_class, code, detail, download, load, compute, upload)
            WHERE a.task_id = c.task AND a.attempt = c.attempt
            """)
    }
}

extension TaskReport.Result {
    /// How the ledger names it: by what became of the task, whatever the worker said.
    fileprivate func outcome(after change: TaskChange) -> String {
        switch (self, change.to) {
        case (_, .succeeded): "succeeded"
        case (_, .canceled): "canceled"
        case (.handedBack, _) where change.failure == nil: "handed_back"
        default: "failed"
        }
    }
}
