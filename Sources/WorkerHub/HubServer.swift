import GRPCCore
import GRPCNIOTransportHTTP2
package import Logging
import NIOCore
package import ObjectStore
import ProgramSettings
import ServiceLifecycle
package import StudioStore
import Synchronization

/// The gRPC server that worker hosts talk to.
package final class HubServer: Service {
    /// Orders of one claim or heartbeat statement at most.
    private static let batchMax = 256

    /// A worker that asks more often is cut off.
    private static let pingIntervalMin = Duration.seconds(5)

    private let configuration: HubConfiguration
    private let claims: Batcher<ClaimOrder, ClaimOutcome>
    private let heartbeats: Batcher<Heartbeat, HeartbeatAnswer>
    private let cancels: CancelFeed
    private let service: HubService
    private let logger: Logger
    private let listening = Mutex<Int?>(nil)

    package init(
        configuration: HubConfiguration, tasks: TaskStore, workers: WorkerStore, cancels: AsyncStream<String>,
        objects: S3Client, tokens: AttemptTokens, logger: Logger
    ) {
        self.configuration = configuration
        self.logger = logger
        let lease = configuration.lease
        claims = Batcher(batchMax: Self.batchMax) { try await tasks.claim($0, lease: lease) }
        heartbeats = Batcher(
            batchMax: Self.batchMax,
            perform: HeartbeatWriter(tasks: tasks, workers: workers, lease: lease).write)
        let streams = WorkerStreams()
        self.cancels = CancelFeed(notifications: cancels, tasks: tasks, streams: streams, logger: logger)
        service = HubService(
            configuration: configuration, tokens: tokens,
            uploads: UploadDesk(tasks: tasks, objects: objects, configuration: configuration), workers: workers,
            claims: claims, heartbeats: heartbeats, streams: streams, logger: logger)
    }

    /// The port it listens on, once it does.
    package var port: Int? { listening.withLock { $0 } }

    package func run() async throws {
        try await ListenAddress(host: configuration.host, port: configuration.port)
            .serving("HUB_LISTEN") {
                do {
                    try await serve(at: try address)
                } catch let error as RuntimeError where error.code == .transportError {
                    throw Self.cause(of: error)
                }
            }
    }

    private func serve(at address: GRPCNIOTransportCore.SocketAddress) async throws {
        let server = GRPCServer(
            transport: .http2NIOPosix(
                address: address,
                transportSecurity: transportSecurity,
                config: .defaults { config in
                    config.rpc.maxRequestPayloadSize = HubConfiguration.requestBytesMax
                    // Workers ask every 10 s whether we are still there.
                    config.connection.keepalive.clientBehavior = .init(
                        minPingIntervalWithoutCalls: Self.pingIntervalMin, allowWithoutCalls: true)
                }),
            services: [service],
            interceptors: [WorkerAuthentication(token: configuration.workerToken)])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.claims.run() }
            group.addTask { try await self.heartbeats.run() }
            group.addTask {
                await self.cancels.run()
                // Without notifications the heartbeats' answers still tell of cancels.
                try await Self.untilDrained()
            }
            group.addTask {
                try await withGracefulShutdownHandler {
                    try await server.serve()
                } onGracefulShutdown: {
                    server.beginGracefulShutdown()
                }
            }
            group.addTask {
                // What keeps it from listening, serve() throws.
                if let address = try? await server.listeningAddress {
                    self.listening.withLock { $0 = address.ipv4?.port ?? address.ipv6?.port }
                    self.logger.info("Hub listens", metadata: ["address": "\(address)"])
                }
                // Waits with the others: the group ends when the server does.
                try await Self.untilDrained()
            }
            // Workers keep their streams open for ever: give calls under way time, then end.
            try await group.next()
            listening.withLock { $0 = nil }
            group.cancelAll()
        }
    }

    private static func untilDrained() async throws {
        try? await gracefulShutdown()
        try await Task.sleep(for: .seconds(drainSeconds))
    }

    /// How long calls and streams may go on after a shutdown has begun, in seconds.
    private static let drainSeconds = 3

    /// Where to listen; for a name it blocks until that is resolved, before anything is served.
    private var address: GRPCNIOTransportCore.SocketAddress {
        get throws {
            let address = try NIOCore.SocketAddress.makeAddressResolvingHost(
                configuration.host, port: configuration.port)
            let host = address.ipAddress ?? configuration.host
            return address.protocol == .inet6
                ? .ipv6(host: host, port: configuration.port) : .ipv4(host: host, port: configuration.port)
        }
    }

    /// What the layers of the transport wrap.
    private static func cause(of error: RuntimeError) -> any Error {
        guard let cause = error.cause else { return error }
        guard let inner = cause as? RuntimeError, inner.code == .transportError else { return cause }
        let reason = inner.cause.map { "\($0)" } ?? inner.message
        return SettingError(
            "HUB_TLS_CERTIFICATE",
            "it, or the key in HUB_TLS_KEY, cannot be read as PEM, or they are no pair (\(reason))")
    }

    private var transportSecurity: HTTP2ServerTransport.Posix.TransportSecurity {
        guard let tls = configuration.tls else { return .plaintext }
        return .tls(
            certificateChain: [.file(path: tls.certificatePath, format: .pem)],
            privateKey: .file(path: tls.keyPath, format: .pem))
    }
}
