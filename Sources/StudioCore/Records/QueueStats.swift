/// How much waits, how long, and how many workers more would help (R-E6).
package struct QueueStats: Codable, Sendable, Hashable {
    /// What waits for workers of one kind.
    package struct KindStats: Codable, Sendable, Hashable {
        package let kind: TaskKind
        package let queued: Int
        package let processing: Int

        package init(kind: TaskKind, queued: Int, processing: Int) {
            self.kind = kind
            self.queued = queued
            self.processing = processing
        }
    }

    /// How many workers to start, at least and at most; both 0 when there are enough.
    package struct Suggestion: Codable, Sendable, Hashable {
        package let min: Int
        package let max: Int

        package init(min: Int, max: Int) {
            self.min = min
            self.max = max
        }
    }

    /// Tasks that could run now if a worker were free.
    package let queued: Int
    /// Tasks that a worker has.
    package let processing: Int
    /// How long the tasks queued now have waited, on average, in seconds.
    package let averageWaitSeconds: Double
    /// Workers that take work.
    package let workers: Int
    package let workersToAdd: Suggestion
    package let kinds: [KindStats]

    package init(queued: Int, processing: Int, averageWaitSeconds: Double, workers: Int, kinds: [KindStats]) {
        self.queued = queued
        self.processing = processing
        self.averageWaitSeconds = averageWaitSeconds
        self.workers = workers
        self.kinds = kinds
        self.workersToAdd = Self.suggestion(queued: queued, averageWaitSeconds: averageWaitSeconds)
    }

    /// More than 10 queued ask for 2 to 3 workers, more than 50 for 5 to 10, a wait of over five minutes for at least
    /// one.
    package static func suggestion(queued: Int, averageWaitSeconds: Double) -> Suggestion {
        if queued > 50 { return Suggestion(min: 5, max: 10) }
        if queued > 10 { return Suggestion(min: 2, max: 3) }
        if queued > 0, averageWaitSeconds > 300 { return Suggestion(min: 1, max: 2) }
        return Suggestion(min: 0, max: 0)
    }

    private enum CodingKeys: String, CodingKey {
        case queued, processing, workers, kinds
        case averageWaitSeconds = "average_wait_s"
        case workersToAdd = "workers_to_add"
    }
}
