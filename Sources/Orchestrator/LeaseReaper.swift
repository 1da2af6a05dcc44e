package import Logging
import Metrics
import ServiceLifecycle
package import StudioStore

/// Takes tasks back whose worker has not been heard of for as long as its lease lasts.
///
/// When it was our own side that was away (``OutageWatch``) nobody is there to take the tasks over, so the leases are
/// left alone until the workers have had time to come back. Those of tasks that are to end are not: nobody is to take
/// these over, and a cancel must end although no worker is alive.
package actor LeaseReaper: Service {
    /// How often leases are looked at: adds to the lease in the time until a dead worker's task is taken over.
    static let period = Duration.seconds(1)
    /// Leases ended in one transaction at most.
    static let batchMax = 500

    private let tasks: TaskStore
    private let workers: WorkerStore
    private let logger: Logger
    private var outages = OutageWatch()

    package init(tasks: TaskStore, workers: WorkerStore, logger: Logger) {
        self.tasks = tasks
        self.workers = workers
        self.logger = logger
    }

    package func run() async throws {
        await repeating(every: Self.period, "Reaper waits", to: logger) {
            do {
                return try await reap() == Self.batchMax ? .zero : nil
            } catch {
                outages.noteFailure()
                throw error
            }
        }
    }

    /// Ends the leases that have run out, unless our own side was away; answers how many.
    package func reap() async throws -> Int {
        let silence = try await workers.silence()
        outages.note(silence: silence.lasted)
        // What runs out from here on is left for the next look: should the database stand still now, this one is late.
        let expired = try await tasks.expireLeases(
            limit: Self.batchMax, by: silence.at, canceledOnly: outages.mustWait())
        outages.note()
        for lease in expired {
            logger.warning(
                "Lease expired",
                metadata: ["task.id": "\(lease.task)", "attempt": "\(lease.attempt)", "task.state": "\(lease.state)"])
        }
        Counter(label: "leases_expired_total").increment(by: expired.count)
        return expired.count
    }
}
