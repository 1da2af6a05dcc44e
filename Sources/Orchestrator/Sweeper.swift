package import Logging
import ServiceLifecycle
package import StudioStore

/// Forgets what is of no use any more: workers that are gone for good, how they did, and old idempotency keys.
package struct Sweeper: Service {
    static let period = Duration.seconds(60)
    /// A worker not heard of for so long is forgotten, and how it did.
    package static let workerAge = Duration.seconds(24 * 60 * 60)
    /// Twice as long as a client may rely on its key.
    package static let keyAge = Duration.seconds(48 * 60 * 60)
    /// Rows forgotten in one statement at most.
    static let batchMax = 5_000

    private let runs: RunStore
    private let workers: WorkerStore
    private let logger: Logger

    package init(runs: RunStore, workers: WorkerStore, logger: Logger) {
        self.runs = runs
        self.workers = workers
        self.logger = logger
    }

    package func run() async throws {
        await repeating(every: Self.period, "Sweeper waits", to: logger) { try await sweep() ? .zero : nil }
    }

    /// Forgets as much as one statement each may; answers whether there may be more.
    package func sweep() async throws -> Bool {
        try await workers.sweep(silentFor: Self.workerAge)
        let counts = [
            try await workers.sweepHealth(olderThan: Self.workerAge, limit: Self.batchMax),
            try await runs.sweepKeys(olderThan: Self.keyAge, limit: Self.batchMax),
        ]
        return counts.contains(Self.batchMax)
    }
}
