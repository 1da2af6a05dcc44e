package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import ProgramSettings
import ServiceLifecycle

/// Answers `/healthz` (the process lives), `/readyz` (it can work) and `/metrics`, without authentication.
///
/// Bind it to loopback or to an internal network only.
package struct HealthServer: Service {
    /// Connections at a time; probes and scrapers are few.
    package static let connectionsMax = 64
    /// A connection without traffic is closed after this many seconds.
    package static let idleTimeoutSeconds: Int64 = 60

    private let address: ListenAddress
    private let registry: PrometheusRegistry
    private let readiness: ReadinessBoard
    private let onListening: @Sendable (Int) async -> Void
    private let logger: Logger

    /// Prepares a server; it binds in ``run()``.
    ///
    /// - Parameters:
    ///   - address: of the variable `HEALTH_LISTEN`.
    ///   - probes: asked for `/readyz` and now and then; ready when every one is ok.
    ///   - onListening: told the port once it is bound.
    package init(
        address: ListenAddress, telemetry: Telemetry, logger: Logger, probes: [ReadinessProbe],
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.address = address
        self.registry = telemetry.registry
        readiness = ReadinessBoard(probes, logger: logger)
        self.onListening = onListening
        self.logger = logger
    }

    package func run() async throws {
        let onListening = onListening
        let application = Application(
            router: Self.router(registry: registry, readiness: readiness),
            server: .http1(configuration: .init(idleTimeout: .seconds(Self.idleTimeoutSeconds))),
            configuration: .init(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionsMax)),
            onServerRunning: { channel in
                await onListening(channel.localAddress?.port ?? 0)
            },
            logger: logger)
        async let watching: Void = readiness.run()
        try await address.serving("HEALTH_LISTEN") { try await application.run() }
        try await watching
    }

    /// The routes, on their own.
    package static func router(
        registry: PrometheusRegistry, readiness: ReadinessBoard
    ) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.get("healthz") { _, _ in
            response(.ok, "application/json", #"{"ok":true}"#)
        }
        router.get("readyz") { _, _ in
            let checks = await readiness.checks()
            let status: HTTPResponse.Status = checks.allSatisfy(\.ok) ? .ok : .serviceUnavailable
            return response(status, "application/json", ReadinessCheck.json(checks))
        }
        router.get("metrics") { _, _ in
            response(.ok, PrometheusRegistry.contentType, registry.text())
        }
        return router
    }

    private static func response(_ status: HTTPResponse.Status, _ type: String, _ body: String) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body + (body.hasSuffix("\n") ? "" : "\n"))))
    }
}
