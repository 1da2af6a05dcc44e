package import Logging
import Metrics
import ServiceLifecycle
import StudioCore
package import StudioStore

/// Tells as gauges how tasks and workers stand: the same from every replica, so take their largest, not their sum.
package struct Observer: Service {
    static let period = Duration.seconds(5)

    private let tasks: TaskStore
    private let logger: Logger

    package init(tasks: TaskStore, logger: Logger) {
        self.tasks = tasks
        self.logger = logger
    }

    package func run() async throws {
        await repeating(every: Self.period, "Observer waits", to: logger) {
            try await observe()
            return nil
        }
    }

    /// Counts once.
    package func observe() async throws {
        let census = try await tasks.census()
        var counts: [TaskState: [TaskKind: Int]] = [:]
        for group in census.tasks { counts[group.state, default: [:]][group.kind] = group.count }
        // What is no longer there is 0, not what it was.
        for kind in TaskKind.allCases {
            for state in TaskState.allCases where !state.isTerminal {
                Gauge(label: "tasks", dimensions: [("state", state.rawValue), ("kind", kind.rawValue)])
                    .record(counts[state]?[kind] ?? 0)
            }
            Gauge(label: "task_oldest_wait_seconds", dimensions: [("kind", kind.rawValue)])
                .record(census.oldestWaitSeconds[kind] ?? 0)
        }
        for state in WorkerRecord.State.allCases {
            Gauge(label: "workers", dimensions: [("state", state.rawValue)]).record(census.workers[state] ?? 0)
        }
        Gauge(label: "tasks_parked", dimensions: [("reason", "capability")]).record(census.withoutWorker)
        Gauge(label: "tasks_parked", dimensions: [("reason", "retry_budget")]).record(census.withoutBudget)
        // Grows while every window is full, too: then workers are missing, not the dispatcher.
        Gauge(label: "dispatch_lag_seconds").record(census.dispatchLagSeconds)
    }
}
