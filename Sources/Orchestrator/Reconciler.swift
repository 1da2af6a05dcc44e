package import AMQP
package import Logging
import Metrics
import ServiceLifecycle
import StudioCore
package import StudioStore

/// Compares what Postgres believes with what is there, and mends the difference: hints that the broker lost, queues
/// that somebody deleted, tasks parked for what is there now.
package struct Reconciler: Service {
    /// Bounds how long a task waits for a worker that can do it after that one has said hello.
    static let period = Duration.seconds(5)
    /// A hint younger than this may still be on its way.
    static let hintAge = Duration.seconds(10)

    private let tasks: TaskStore
    private let publisher: AMQPPublisher
    private let window: DispatchWindow
    private let logger: Logger

    package init(
        tasks: TaskStore, publisher: AMQPPublisher, window: DispatchWindow = .standard, logger: Logger
    ) {
        self.tasks = tasks
        self.publisher = publisher
        self.window = window
        self.logger = logger
    }

    package func run() async throws {
        await repeating(every: Self.period, "Reconciler waits", to: logger) {
            try await reconcile()
            return nil
        }
    }

    /// Looks at every lane once.
    package func reconcile() async throws {
        guard publisher.isConnected else { return }
        let depths = try await publisher.messageCounts(queues: TaskTopology.topology.queues.map(\.name))
        try await restore(missing: TaskTopology.topology.queues.map(\.name).filter { depths[$0] == nil })
        for lane in Lane.all {
            let lost = try await tasks.reconcile(
                lane, queueDepth: depths[lane.queue] ?? 0, olderThan: Self.hintAge, window: window)
            guard lost > 0 else { continue }
            logger.warning("Lost hints are sent again", metadata: ["lane": "\(lane.queue)", "hints": "\(lost)"])
            Counter(label: "hints_lost_total").increment(by: lost)
        }
        let released = try await tasks.releaseParked()
        if released > 0 { logger.info("Parked tasks go on", metadata: ["tasks": "\(released)"]) }
    }

    /// Declares queues again that are not there.
    ///
    /// A worker reads all its lanes on one channel, and has none while a single queue is missing. So nobody may wait
    /// for the next task of that lane to find it out.
    private func restore(missing queues: [String]) async throws {
        guard !queues.isEmpty else { return }
        logger.warning("Queues are gone and declared anew", metadata: ["queues": "\(queues.joined(separator: " "))"])
        try await publisher.declare(TaskTopology.topology)
    }
}
