package import Logging
import Metrics
import ServiceLifecycle
import StudioCore
package import StudioStore

/// Takes tasks back whose worker has not been heard of for as long as its lease lasts, and gives runs up that are not
/// done by their deadline.
///
/// When nobody at all is heard of, or the database was away, it is our own side that failed: nobody is there to take
/// the tasks over, so the leases are left alone until the workers have had time to come back.
package actor LeaseReaper: Service {
    /// How often leases are looked at: adds to the lease in the time until a dead worker's task is taken over.
    static let period = Duration.seconds(1)
    /// Leases ended in one transaction at most.
    static let batchMax = 500
    /// Longer than the pause between two heartbeats of a worker.
    static let silenceMax = Duration.seconds(TaskLease.heartbeatSecondsMax + 2)
    /// How long workers may take to come back and renew their leases after an outage of ours.
    static let returnTime = Duration.seconds(8)

    private let tasks: TaskStore
    private let runs: RunStore
    private let workers: WorkerStore
    private let logger: Logger
    private var quietUntil: ContinuousClock.Instant?
    private var isFailing = false
    private var isOverdueFailing = false

    package init(tasks: TaskStore, runs: RunStore, workers: WorkerStore, logger: Logger) {
        self.tasks = tasks
        self.runs = runs
        self.workers = workers
        self.logger = logger
    }

    package func run() async throws {
        await repeating {
            do {
                await giveUpOverdue()
                let reaped = try await mustWait() ? 0 : try await reap()
                isFailing = false
                return reaped == Self.batchMax ? .zero : Self.period
            } catch {
                quietUntil = .now + Self.returnTime
                // That it goes on is no news.
                logger.log(
                    level: isFailing ? .debug : .warning, "Reaper waits", metadata: ["error": "\(error)"])
                isFailing = true
                return Self.period
            }
        }
    }

    private func mustWait() async throws -> Bool {
        if let silence = try await workers.silence(), silence > Self.silenceMax {
            quietUntil = .now + Self.returnTime
        }
        return quietUntil.map { .now < $0 } ?? false
    }

    /// A run that cannot be given up must not keep leases from being ended.
    private func giveUpOverdue() async {
        do {
            try await giveUp()
            isOverdueFailing = false
        } catch {
            logger.log(
                level: isOverdueFailing ? .debug : .warning, "Overdue runs wait", metadata: ["error": "\(error)"])
            isOverdueFailing = true
        }
    }

    /// Gives up the runs whose deadline has passed.
    package func giveUp() async throws {
        for run in try await runs.cancelOverdue(limit: Self.batchMax) {
            logger.warning("Deadline passed", metadata: ["run.id": "\(run)"])
            Counter(label: "runs_overdue_total").increment()
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
