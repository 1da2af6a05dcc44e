import AMQP
import ArgumentParser
import Configuration
import Foundation
import Logging
import ObjectStore
import Postgres
import ProgramSettings
import ServiceLifecycle
import StudioStore
import Telemetry
import UnixSignals
import WorkerHub

/// The control plane's side of the workers: claims, leases, signed uploads and reports.
@main
struct WorkerHubCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker-hub",
        abstract: "Grants tasks to workers and writes down what they report.",
        discussion: "Configured by environment variables; --check-config prints what it understood.")

    /// How long calls under way may go on after SIGTERM, and how long cleaning up may take after that.
    private static let shutdownGrace = Duration.seconds(20)
    private static let cancellationGrace = Duration.seconds(5)

    @Flag(help: "Print the settings, without secrets, and end.")
    var checkConfig = false

    func run() async throws {
        let settings: WorkerHubSettings
        do {
            settings = try WorkerHubSettings(Settings(ConfigReader(provider: EnvironmentVariablesProvider())))
        } catch {
            FileHandle.standardError.write(Data("worker-hub: \(error)\n".utf8))
            throw ExitCode(2)
        }
        if checkConfig {
            for (variable, value) in settings.summary { print("\(variable)=\(value)") }
            return
        }
        try await serve(settings)
    }

    private func serve(_ settings: WorkerHubSettings) async throws {
        let telemetry = Telemetry.bootstrap(service: "worker-hub", settings.telemetry)
        let logger = Logger(label: "worker-hub")
        let postgres = PostgresClient(configuration: settings.database, logger: logger)
        let tasks = TaskStore(client: postgres)
        let workers = WorkerStore(client: postgres)
        let objects = S3Client(configuration: settings.objects, logger: logger)
        let tokens = AttemptTokens(secret: settings.hub.attemptSecret)
        let ingestor = EventIngestor(
            broker: settings.broker, tasks: tasks, objects: objects, tokens: tokens, logger: logger)
        let server = HubServer(
            configuration: settings.hub, tasks: tasks, workers: workers, objects: objects, tokens: tokens,
            logger: logger)
        let health = HealthServer(
            host: settings.health.host, port: settings.health.port, telemetry: telemetry, logger: logger,
            probes: [
                .database { try await tasks.ping() }, .broker { ingestor.isConnected },
                .objectStore { try await objects.probe() },
                ReadinessProbe("workers", cure: "the hub does not listen: see the log") { server.port != nil },
            ])
        var group = ServiceGroupConfiguration(
            services: [postgres, health, ingestor, server], gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        group.maximumGracefulShutdownDuration = Self.shutdownGrace
        group.maximumCancellationDuration = Self.cancellationGrace
        try await ServiceGroup(configuration: group).run()
    }
}
