import ArgumentParser
import Configuration
import Foundation
import Logging
import ProgramSettings
import ServiceLifecycle
import StudioCore
import Telemetry
import UnixSignals
import WorkerRuntime

/// Serves tasks of one or more kinds with the executors of this machine.
@main
struct WorkerRuntimeProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker-runtime", abstract: "Claims tasks, makes them, and reports what became of them.",
        discussion: "Settings come from the environment: HUB_ADDRESS, WORKER_TOKEN, AMQP_URL, WORKER_KINDS and more.")

    static let version = "1.0.0"
    static let healthPort = 8084
    private static let configurationExitCode: Int32 = 2

    @Option(help: "Comma list of kinds: video, audio, lipsync, llm, compose, noop (WORKER_KINDS).")
    var kinds: String?

    @Option(help: "Attempts at a time (WORKER_SLOTS).")
    var slots: Int?

    @Flag(help: "Makes placeholders instead of calling inference services (EXECUTOR=mock).")
    var mock = false

    @Flag(help: "Prints the resolved settings, without secrets, and ends.")
    var checkConfig = false

    func run() async throws {
        do {
            try await serve(ConfigReader(provider: EnvironmentVariablesProvider()))
        } catch let error as SettingError {
            try fail(error.description)
        } catch let error as TelemetryConfiguration.Fault {
            try fail(error.description)
        }
    }

    private func fail(_ message: String) throws {
        try FileHandle.standardError.write(contentsOf: Data("worker-runtime: \(message)\n".utf8))
        throw ExitCode(Self.configurationExitCode)
    }

    private func serve(_ reader: ConfigReader) async throws {
        let settings = Settings(reader)
        let telemetryConfiguration = try TelemetryConfiguration(config: reader)
        let configuration = try WorkerConfiguration(
            settings, kinds: kinds.map(WorkerConfiguration.kinds), slots: slots, version: Self.version,
            healthPort: Self.healthPort)
        let executor = try executor(settings)
        if checkConfig {
            let lines = configuration.summary.map { "\($0.variable)=\($0.value)\n" }.joined()
            return try FileHandle.standardOutput.write(contentsOf: Data(lines.utf8))
        }
        let telemetry = Telemetry.bootstrap(service: "worker-runtime", telemetryConfiguration)
        let logger = Logger(label: "worker-runtime")
        let worker = try Worker(configuration, executor: executor, logger: logger)
        let health = HealthServer(
            host: configuration.health.host, port: configuration.health.port, telemetry: telemetry, logger: logger,
            probes: Worker.readinessCures.sorted { $0.key < $1.key }.map { name, cure in
                ReadinessProbe(name, cure: cure) { worker.readiness[name] == true }
            })
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: SecondSignal()), .init(service: health),
                .init(service: worker, successTerminationBehavior: .gracefullyShutdownGroup),
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = worker.shutdownLimit
        group.maximumCancellationDuration = .seconds(5)
        try await ServiceGroup(configuration: group).run()
    }

    private func executor(_ settings: Settings) throws -> any TaskExecutor {
        guard mock || settings.text("EXECUTOR") == "mock" else {
            throw SettingError("EXECUTOR", "must be \"mock\" (or pass --mock): this build has no other executor")
        }
        return try MockExecutor(settings)
    }
}
