import AMQP
import ArgumentParser
import ControlPlaneSettings
import Logging
import ObjectStore
import Postgres
import ProgramMain
import ProgramSettings
import StudioStore
import Telemetry
import WorkerHub

/// The control plane's side of the workers: claims, leases, signed uploads and reports.
@main
struct WorkerHubCommand: Program {
    static let configuration = CommandConfiguration(
        commandName: "worker-hub",
        abstract: "Grants tasks to workers and writes down what they report.",
        discussion: "Configured by environment variables; --check-config prints what it understood.")

    @Flag(help: "Print the settings, without secrets, and end.")
    var checkConfig = false

    func resolve(_ settings: Settings) throws -> WorkerHubSettings { try WorkerHubSettings(settings) }

    func summary(of settings: WorkerHubSettings) -> [(variable: String, value: String)] { settings.summary }

    func services(_ settings: WorkerHubSettings, telemetry: Telemetry, logger: Logger) throws -> ProgramServices {
        let backends = settings.backends
        let postgres = PostgresClient(configuration: backends.database, logger: logger)
        let tasks = TaskStore(client: postgres)
        let workers = WorkerStore(client: postgres)
        let objects = S3Client(configuration: backends.objects, logger: logger)
        let tokens = AttemptTokens(secret: settings.hub.attemptSecret)
        let ingestor = EventIngestor(
            broker: backends.broker, tasks: tasks, objects: objects, tokens: tokens, logger: logger)
        let cancels = try PostgresListener(
            configuration: backends.database, channels: [TaskStore.cancelChannel], logger: logger)
        let server = HubServer(
            configuration: settings.hub, tasks: tasks, workers: workers, cancels: cancels.notifications,
            objects: objects, tokens: tokens, logger: logger)
        let health = HealthServer(
            address: settings.health, telemetry: telemetry, logger: logger,
            probes: [
                .database { try await tasks.ping() }, .broker { ingestor.isConnected },
                .objectStore { try await objects.probe() },
                ReadinessProbe("workers", cure: "the hub does not listen: see the log") { server.port != nil },
            ])
        return ProgramServices([postgres, cancels, health, ingestor, server])
    }
}
