import ArgumentParser
import Logging
import ProgramMain
import ProgramSettings
import StudioCore
import Telemetry
import WorkerRuntime

/// Serves compose tasks: a worker like the others, with ffmpeg for its engine.
@main
struct ComposerProgram: Program {
    static let configuration = CommandConfiguration(
        commandName: "composer", abstract: "Joins the shots and sounds of a run into its film.",
        discussion: "Settings come from the environment: HUB_ADDRESS, WORKER_TOKEN, AMQP_URL, FFMPEG and more.")

    typealias Resolved = (
        worker: WorkerConfiguration, executor: any TaskExecutor, ffmpeg: String, endpoint: EndpointConfiguration
    )

    static let version = "1.0.0"
    static let healthPort = 8083

    @Option(help: "Attempts at a time (WORKER_SLOTS).")
    var slots: Int?

    @Flag(help: "Prints the resolved settings, without secrets, and ends.")
    var checkConfig = false

    func resolve(_ settings: Settings) throws -> Resolved {
        var faults = SettingFaults()
        let worker = faults.collect {
            try WorkerConfiguration(
                settings, kinds: [.compose], slots: slots, version: Self.version, healthPort: Self.healthPort)
        }
        let ffmpeg = settings.text("FFMPEG") ?? "ffmpeg"
        let executor = faults.collect { try self.executor(ffmpeg) }
        let endpoint = faults.collect { try EndpointConfiguration(settings, name: ffmpeg) }
        guard let worker, let executor, let endpoint else { throw faults }
        return (worker, executor, ffmpeg, endpoint)
    }

    func summary(of resolved: Resolved) -> [(variable: String, value: String)] {
        resolved.worker.summary + [("FFMPEG", resolved.ffmpeg)] + resolved.endpoint.summary
    }

    func services(_ resolved: Resolved, telemetry: Telemetry, logger: Logger) throws -> ProgramServices {
        let worker = try Worker(
            resolved.worker, executor: resolved.executor, endpoint: resolved.endpoint, logger: logger)
        let health = HealthServer(
            address: resolved.worker.health, telemetry: telemetry, logger: logger,
            probes: Worker.readinessCures.sorted { $0.key < $1.key }.map { name, cure in
                ReadinessProbe(name, cure: cure) { worker.readiness[name] == true }
            } + [
                ReadinessProbe("disk") { worker.diskProblem }, ReadinessProbe("endpoint") { worker.endpointProblem },
            ])
        return ProgramServices([health], main: worker, shutdownGrace: worker.shutdownLimit)
    }

    private func executor(_ ffmpeg: String) throws -> any TaskExecutor {
        do {
            return try ComposeExecutor(ffmpeg: ffmpeg)
        } catch let error as TaskFailure {
            throw SettingError("FFMPEG", error.detail)
        }
    }
}
