package import Logging
import Metrics
import ServiceLifecycle
import StudioCore
package import StudioStore

/// Takes tasks back whose worker has not been heard of for as long as its lease lasts.
package struct LeaseReaper: Service {
    /// How often leases are looked at: adds to the lease in the time until a dead worker's task is taken over.
    static let period = Duration.seconds(1)
    /// Leases ended in one transaction at most.
    static let batchMax = 500

    private let tasks: TaskStore
    private let logger: Logger

    package init(tasks: TaskStore, logger: Logger) {
        self.tasks = tasks
        self.logger = logger
    }

    package func run() async throws {
        await repeating {
            do {
                return try await reap() == Self.batchMax ? .zero : Self.period
            } catch {
                logger.warning("Reaper waits", metadata: ["error": "\(error)"])
                return Self.period
            }
        }
    }

    /// Ends the leases that have run out; answers how many.
    package func reap() async throws -> Int {
        let expired = try await tasks.expireLeases(limit: Self.batchMax)
        for lease in expired {
            logger.warning(
                "Lease expired",
                metadata: ["task.id": "\(lease.task)", "attempt": "\(lease.attempt)", "task.state": "\(lease.state)"])
        }
        Counter(label: "leases_expired_total").increment(by: expired.count)
        return expired.count
    }
}
