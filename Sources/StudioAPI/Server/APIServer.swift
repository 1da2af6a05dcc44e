package import Hummingbird
import HummingbirdCore
package import Logging
import ProgramSettings
import ServiceLifecycle
import Telemetry

/// The HTTP server of the API.
package struct APIServer: Service {
    private let configuration: APIConfiguration
    private let services: APIServices
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// Prepares the server; it binds in ``run()``.
    ///
    /// - Parameter onListening: told the port once it is bound.
    package init(
        configuration: APIConfiguration, services: APIServices, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.services = services
        self.logger = logger
        self.onListening = onListening
    }

    package func run() async throws {
        async let watching: Void = services.readiness.run()
        try await ListenAddress(host: configuration.host, port: configuration.port)
            .serving("HTTP_HOST", port: "HTTP_PORT") { try await application.run() }
        try await watching
    }

    /// The server with all its limits, as ``run()`` runs it.
    package var application: some ApplicationProtocol {
        let onListening = onListening
        var http = HTTP1Channel.Configuration(idleTimeout: .seconds(APILimits.idleSeconds))
        http.httpDecoder.maxHeaderFieldSize = APILimits.headerBytesMax
        http.httpDecoder.maxHeaderListSize = APILimits.headerBytesMax
        http.httpDecoder.maxHeaderFieldCount = APILimits.headerFieldsMax
        return Application(
            router: makeRouter(configuration, services),
            server: .http1(configuration: http),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(APILimits.connectionsMax)),
            onServerRunning: { channel in
                await onListening(channel.localAddress?.port ?? 0)
            },
            logger: logger)
    }
}

/// Every route of the API, behind authentication, limits and metrics.
package func makeRouter(_ configuration: APIConfiguration, _ services: APIServices) -> Router<APIContext> {
    let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
    let table = RouteTable(configuration, services)
    router.add(middleware: RequestIDMiddleware())
    router.add(middleware: RequestMetricsMiddleware())
    router.add(middleware: ProblemMiddleware(table: table, repository: services.repository))
    router.add(middleware: AuthenticationMiddleware(apiKey: configuration.apiKey, open: OperationRoutes.paths))
    for route in table.routes {
        router.on(RouterPath(route.path), method: route.method, use: route.answer)
    }
    return router
}

extension RouteTable {
    /// Every route of the API.
    init(_ configuration: APIConfiguration, _ services: APIServices) {
        self.init()
        let (tenant, repository, gate) = (configuration.tenant, services.repository, WaiterGate())
        OperationRoutes(
            readiness: services.readiness, metricsText: services.metricsText
        ).add(to: &self)
        DocumentRoutes.add(to: &self)
        RunRoutes(configuration: configuration, repository: repository, gate: gate).add(to: &self)
        ControlRoutes(tenant: tenant, repository: repository).add(to: &self)
        EventRoutes(configuration: configuration, repository: repository, gate: gate).add(to: &self)
        TaskRoutes(tenant: tenant, repository: repository).add(to: &self)
        ArtifactRoutes(tenant: tenant, repository: repository, link: services.link).add(to: &self)
        FleetRoutes(tenant: tenant, repository: repository).add(to: &self)
    }
}
