import AMQP
import GRPCCore
package import Logging
import ObjectStore
import ProgramSettings
import ServiceLifecycle
package import StudioCore

/// A worker: takes hints, claims tasks, has an executor make them, and tells the hub what became of them.
package final class Worker: Service {
    /// How long a transfer outlasts an object store that is away: about ten minutes, less than grants are good for.
    private static let patience = RetryPolicy(attempts: 100, base: .milliseconds(100), cap: .seconds(8))

    /// Of this start of the program; a name stays, an identity does not.
    package let id = WorkerID()
    private let publisher: AMQPPublisher
    private let consumer: AMQPConsumer
    private let room: DiskRoom
    private let circuit: EndpointCircuit
    private let hub: HubClient
    private let heartbeats: HeartbeatStream
    private let spool: ReportSpool
    private let reminder: ReportReminder
    private let intake: Intake
    private let attempts = RunningAttempts()
    private let logger: Logger

    /// How long ``run()`` may take to end in good order, once told to.
    package let shutdownLimit: Duration

    /// Takes the work directory and prepares everything; connects to nothing yet.
    ///
    /// Blocks: call it once at start.
    ///
    /// - Throws: ``SettingError`` when the directory or the CA file cannot be used.
    package init(
        _ configuration: WorkerConfiguration, executor: any TaskExecutor, endpoint: EndpointConfiguration,
        logger: Logger
    ) throws {
        var logger = logger
        logger[metadataKey: "worker.name"] = "\(configuration.introduction.name)"
        logger[metadataKey: "worker.id"] = "\(id)"
        self.logger = logger
        shutdownLimit = configuration.drainGrace + ReportSpool.flushDuration * 2 + Self.shutdownMargin
        let clock = BootClock()
        let work = try WorkDirectory(root: configuration.directory, logger: logger)
        publisher = AMQPPublisher(configuration: configuration.broker, logger: logger)
        do {
            hub = try HubClient(configuration.hub, worker: id)
        } catch let error as RuntimeError {
            throw SettingError("HUB_TLS_CA", "no certificates in PEM can be read (\(error.cause ?? error))")
        }
        heartbeats = HeartbeatStream(
            hub: hub, introduction: configuration.introduction, attempts: attempts, clock: clock, logger: logger)
        spool = try ReportSpool(in: work, publisher: publisher, clock: clock, logger: logger)
        reminder = ReportReminder(attempts: attempts, spool: spool, clock: clock, logger: logger)
        let room = DiskRoom(
            directories: [work.attempts, work.spool], freeBytesMin: configuration.freeBytesMin, clock: clock,
            logger: logger)
        self.room = room
        let circuit = EndpointCircuit(
            endpoint: endpoint.name, policy: endpoint.circuit, clock: clock, logger: logger)
        self.circuit = circuit
        let executor = EndpointExecutor(executor: executor, signatures: endpoint.signatures, circuit: circuit)
        let runner = AttemptRunner(
            worker: id, workerName: configuration.introduction.name, executor: executor, hub: hub,
            transfers: TransferClient(retry: Self.patience, logger: logger), directory: work, room: room,
            noProgressLimit: configuration.noProgressLimit, spool: spool, attempts: attempts, clock: clock,
            logger: logger)
        let intake = Intake(runner: runner, room: room, circuit: circuit, drainGrace: configuration.drainGrace)
        self.intake = intake
        let lanes = [TaskPriority.interactive, .batch].map { priority in
            configuration.introduction.kinds.map { Lane(kind: $0, priority: priority).queue }
        }
        let consumer = AMQPConsumer(
            configuration: configuration.broker, ranks: lanes, prefetch: configuration.introduction.slots,
            releasesMax: configuration.uploadsMax, bodyBytesMax: Hint.bytesMax,
            whenTooLarge: { WorkerMetrics.countHint(outcome: "rejected") }, logger: logger
        ) { delivery, slot in await intake.handle(delivery) { slot.release() } }
        self.consumer = consumer
        // Nothing is taken before there is known to be room.
        let valve = IntakeValve(consumer, obstacles: [.disk])
        room.onChange { valve.set(.disk, !$0) }
        circuit.onChange { valve.set(.endpoint, !$0) }
        attempts.onHold { valve.set(.hub, $0) }
    }

    private static let shutdownMargin: Duration = .seconds(5)

    /// Whether it takes work: connected to hub and broker, and not about to stop.
    package var isReady: Bool { readiness.values.allSatisfy { $0 } && diskProblem == nil && endpointProblem == nil }

    /// What readiness consists of, besides ``diskProblem`` and ``endpointProblem``.
    package var readiness: [String: Bool] {
        [
            "hub": heartbeats.isConnected,
            "broker": publisher.isConnected && consumer.isConnected,
            "taking_work": !attempts.isDraining,
        ]
    }

    /// Which directory has no room, and how much is missing; nil while there is enough to take work.
    package var diskProblem: String? { room.problem }

    /// What is wrong with what the executor calls upon; nil while it is used.
    package var endpointProblem: String? { circuit.problem }

    /// What it means that a part of ``readiness`` is missing.
    package static let readinessCures = [
        "hub": "not connected: check HUB_ADDRESS and WORKER_TOKEN, and see the log",
        "broker": "not connected: check AMQP_URL and see the log",
        "taking_work": "finishes what it has and takes nothing new",
    ]

    /// Works until shut down, or until the hub drains it and nothing runs any more.
    package func run() async throws {
        let intake = IntakeService(intake: intake, consumers: [consumer])
        // Stopped from the last to the first: what runs needs heartbeats, and the last reports need the publisher.
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: publisher), .init(service: hub), .init(service: heartbeats),
                    .init(service: spool), .init(service: reminder), .init(service: room), .init(service: circuit),
                    .init(service: intake, successTerminationBehavior: .gracefullyShutdownGroup),
                ], logger: logger))
        logger.info("Worker starts")
        try await group.run()
        logger.info("Worker has stopped")
    }
}
