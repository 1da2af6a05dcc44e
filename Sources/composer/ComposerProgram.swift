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

/// Serves compose tasks: a worker like the others, with ffmpeg for its engine.
@main
struct ComposerProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "composer", abstract: "Joins the shots and sounds of a run into its film.",
        discussion: "Settings come from the environment: HUB_ADDRESS, WORKER_TOKEN, AMQP_URL, FFMPEG and more.")

    static let version = "1.0.0"
    static let healthPort = 8083
    private static let configurationExitCode: Int32 = 2

    @Option(help: "Attempts at a time (WORKER_SLOTS).")
    var slots: Int?

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
        try FileHandle.standardError.write(contentsOf: Data("composer: \(message)\n".utf8))
        throw ExitCode(Self.configurationExitCode)
    }

    private func serve(_ reader: ConfigReader) async throws {
        let settings = Settings(reader)
        let telemetryConfiguration = try TelemetryConfiguration(config: reader)
        let configuration = try WorkerConfiguration(
            settings, kinds: [.compose], slots: slots, version: Self.version,
            healthPort: Self.healthPort)
        let executor = try executor(settings)
        if checkConfig {
            let lines = configuration.summary.map { "\($0.variable)=\($0.value)\n" }.joined()
            return try FileHandle.standardOutput.write(contentsOf: Data(lines.utf8))
        }
        let telemetry = Telemetry.bootstrap(service: "composer", telemetryConfiguration)
        let logger = Logger(label: "composer")
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
        do {
            return try ComposeExecutor(ffmpeg: settings.text("FFMPEG") ?? "ffmpeg")
        } catch let error as TaskFailure {
            throw SettingError("FFMPEG", error.detail)
        }
    }
}
