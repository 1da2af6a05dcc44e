import AMQP
import ArgumentParser
import Configuration
import Foundation
import Logging
import ObjectStore
import Orchestrator
import Postgres
import ProgramSettings
import ServiceLifecycle
import StudioAPI
import StudioStore
import Telemetry
import UnixSignals

/// The control plane's front: HTTP for studios, and the orchestrator that moves their tasks.
@main
struct StudioAPICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "studio-api",
        abstract: "Serves the REST API and moves tasks to workers.",
        discussion: "Configured by environment variables; --check-config prints what it understood.")

    /// How long calls under way may go on after SIGTERM, and how long cleaning up may take after that.
    private static let shutdownGrace = Duration.seconds(20)
    private static let cancellationGrace = Duration.seconds(5)

    @Option(help: "Which parts run in this process, a comma list of \(Role.names).")
    var roles = Role.names

    @Flag(help: "Print the settings, without secrets, and end.")
    var checkConfig = false

    func run() async throws {
        let settings: StudioAPISettings
        do {
            settings = try StudioAPISettings(
                Settings(ConfigReader(provider: EnvironmentVariablesProvider())), roles: try Role.set(roles))
        } catch {
            FileHandle.standardError.write(Data("studio-api: \(error)\n".utf8))
            throw ExitCode(2)
        }
        if checkConfig {
            for (variable, value) in settings.summary { print("\(variable)=\(value)") }
            return
        }
        try await serve(settings)
    }

    private func serve(_ settings: StudioAPISettings) async throws {
        let telemetry = Telemetry.bootstrap(service: "studio-api", settings.telemetry)
        let logger = Logger(label: "studio-api")
        let postgres = PostgresClient(configuration: settings.database, logger: logger)
        let tasks = TaskStore(client: postgres)
        var services: [any Service] = [postgres]
        var probes: [ReadinessProbe] = []
        if settings.roles.contains(.orchestrator) {
            let publisher = AMQPPublisher(
                configuration: settings.broker, topology: TaskTopology.topology, logger: logger)
            services += [
                publisher,
                Dispatcher(tasks: tasks, publisher: publisher, logger: logger),
                LeaseReaper(tasks: tasks, workers: WorkerStore(client: postgres), logger: logger),
                Reconciler(
                    tasks: tasks, workers: WorkerStore(client: postgres), publisher: publisher, logger: logger),
            ]
            probes.append(.broker { publisher.isConnected })
        }
        if settings.roles.contains(.gateway) {
            services.append(
                APIServer(
                    configuration: settings.http,
                    services: APIServices(
                        repository: RunStore(client: postgres),
                        objects: S3Client(configuration: settings.objects, logger: logger), logger: logger,
                        metricsText: telemetry.registry.text, moreProbes: probes),
                    logger: logger))
        }
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = Self.shutdownGrace
        group.maximumCancellationDuration = Self.cancellationGrace
        try await ServiceGroup(configuration: group).run()
    }
}
