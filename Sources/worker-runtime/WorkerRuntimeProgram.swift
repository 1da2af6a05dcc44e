import ArgumentParser
import Logging
import ProgramMain
import ProgramSettings
import StudioCore
import Telemetry
import WorkerRuntime

/// Serves tasks of one or more kinds with the executors of this machine.
@main
struct WorkerRuntimeProgram: Program {
    static let configuration = CommandConfiguration(
        commandName: "worker-runtime", abstract: "Claims tasks, makes them, and reports what became of them.",
        discussion: "Settings come from the environment: HUB_ADDRESS, WORKER_TOKEN, AMQP_URL, WORKER_KINDS and more.")

    typealias Resolved = (worker: WorkerConfiguration, executor: WorkerExecutor)

    static let version = "1.0.0"
    static let healthPort = 8084

    @Option(help: "Comma list of kinds: video, audio, lipsync, llm, compose, noop (WORKER_KINDS).")
    var kinds: String?

    @Option(help: "Attempts at a time (WORKER_SLOTS).")
    var slots: Int?

    @Flag(help: "Makes placeholders instead of calling inference services (EXECUTOR=mock).")
    var mock = false

    @Flag(help: "Prints the resolved settings, without secrets, and ends.")
    var checkConfig = false

    func resolve(_ settings: Settings) throws -> Resolved {
        var faults = SettingFaults()
        let worker = faults.collect {
            try WorkerConfiguration(
                settings, kinds: try kinds.map(WorkerConfiguration.kinds), slots: slots, version: Self.version,
                healthPort: Self.healthPort)
        }
        let executor = faults.collect { try WorkerExecutor(settings, mock: mock) }
        guard let worker, let executor else { throw faults }
        return (worker, executor)
    }

    func summary(of resolved: Resolved) -> [(variable: String, value: String)] {
        resolved.worker.summary + resolved.executor.summary
    }

    func services(_ resolved: Resolved, telemetry: Telemetry, logger: Logger) throws -> ProgramServices {
        let worker = try Worker(
            resolved.worker, executor: resolved.executor.executor, endpoint: resolved.executor.endpoint, logger: logger)
        let health = HealthServer(
            address: resolved.worker.health, telemetry: telemetry, logger: logger,
            probes: Worker.readinessCures.sorted { $0.key < $1.key }.map { name, cure in
                ReadinessProbe(name, cure: cure) { worker.readiness[name] == true }
            } + [ReadinessProbe("disk") { worker.diskProblem }, ReadinessProbe("endpoint") { worker.endpointProblem }])
        return ProgramServices([health], main: worker, shutdownGrace: worker.shutdownLimit)
    }
}
