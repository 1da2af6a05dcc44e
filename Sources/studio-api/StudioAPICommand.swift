import AMQP
import ArgumentParser
import ControlPlaneSettings
import Logging
import ObjectStore
import Orchestrator
import Postgres
import ProgramMain
import ProgramSettings
import ServiceLifecycle
import StudioAPI
import StudioStore
import Telemetry

/// The control plane's front: HTTP for studios, and the orchestrator that moves their tasks.
@main
struct StudioAPICommand: Program {
    static let configuration = CommandConfiguration(
        commandName: "studio-api",
        abstract: "Serves the REST API and moves tasks to workers.",
        discussion: "Configured by environment variables; --check-config prints what it understood.")

    @Option(help: "Which parts run in this process, a comma list of \(Role.names).")
    var roles = Role.names

    @Flag(help: "Print the settings, without secrets, and end.")
    var checkConfig = false

    func resolve(_ settings: Settings) throws -> StudioAPISettings { try StudioAPISettings(settings, roles: roles) }

    func summary(of settings: StudioAPISettings) -> [(variable: String, value: String)] { settings.summary }

    func services(_ settings: StudioAPISettings, telemetry: Telemetry, logger: Logger) -> ProgramServices {
        let backends = settings.backends
        let postgres = PostgresClient(configuration: backends.database, logger: logger)
        let tasks = TaskStore(
            client: postgres, retryPolicy: settings.retryPolicy, retryBudget: settings.retryBudget)
        let objects = S3Client(configuration: backends.objects, logger: logger)
        var services: [any Service] = [postgres]
        var probes: [ReadinessProbe] = []
        if settings.roles.contains(.orchestrator) {
            let publisher = AMQPPublisher(
                configuration: backends.broker, topology: TaskTopology.topology, logger: logger)
            services += [
                publisher,
                Dispatcher(tasks: tasks, publisher: publisher, window: settings.dispatchWindow, logger: logger),
                LeaseReaper(tasks: tasks, workers: WorkerStore(client: postgres), logger: logger),
                DeadlineKeeper(runs: RunStore(client: postgres), logger: logger),
                Reconciler(tasks: tasks, publisher: publisher, window: settings.dispatchWindow, logger: logger),
                Sweeper(runs: RunStore(client: postgres), workers: WorkerStore(client: postgres), logger: logger),
                Observer(tasks: tasks, logger: logger),
            ]
            let artifacts = ArtifactStore(client: postgres)
            services += [
                GarbageCollector(artifacts: artifacts, objects: objects, logger: logger),
                ArtifactAuditor(artifacts: artifacts, objects: objects, logger: logger),
            ]
            probes.append(.broker { publisher.isConnected })
        }
        if settings.roles.contains(.gateway) {
            services.append(
                APIServer(
                    configuration: settings.http,
                    services: APIServices(
                        repository: RunStore(client: postgres),
                        objects: objects, logger: logger,
                        metricsText: telemetry.registry.text, moreProbes: probes),
                    logger: logger))
        }
        return ProgramServices(services)
    }
}
