import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import StudioCore
import StudioProto
import Synchronization

@testable import WorkerRuntime

/// A hub over real gRPC that grants everything, renews everything, and says down the stream what the test wants.
final class TestHub: Sendable {
    private struct State {
        var hellos: [WireHello] = []
        var heartbeats: [WireHeartbeat] = []
        var tokens: Set<String> = []
        var claimDelay: Duration = .zero
        var claimError: RPCError?
        var isSilent = false
        var streams: [Int: AsyncStream<WireHubMessage>.Continuation] = [:]
        var nextStream = 0
    }

    private let state = Mutex(State())

    var hellos: [WireHello] { state.withLock { $0.hellos } }
    var heartbeats: [WireHeartbeat] { state.withLock { $0.heartbeats } }
    var tokens: Set<String> { state.withLock { $0.tokens } }

    func failClaims(_ error: RPCError?) { state.withLock { $0.claimError = error } }

    func delayClaims(_ delay: Duration) { state.withLock { $0.claimDelay = delay } }

    /// Leaves heartbeats unanswered.
    func fallSilent(_ isSilent: Bool) { state.withLock { $0.isSilent = isSilent } }

    /// Says `message` to every worker that is connected.
    func say(_ message: WireHubMessage) {
        for stream in state.withLock({ $0.streams.values }) { stream.yield(message) }
    }

    /// Serves on `port`, 0 being any, while `body` runs; the connections break when it is done.
    func serving<Answer: Sendable>(
        port: Int = 0, security: HTTP2ServerTransport.Posix.TransportSecurity = .plaintext,
        _ body: @Sendable (_ port: Int) async throws -> Answer
    ) async throws -> Answer {
        let deadline = ContinuousClock.now + Self.bindLimit
        while true {
            let hasBegun = Mutex(false)
            do {
                return try await servingOnce(port: port, security: security) { port in
                    hasBegun.withLock { $0 = true }
                    return try await body(port)
                }
            } catch let error as RuntimeError where error.code == .serverIsStopped {
                // A port that was given up may have been lent to another test for a moment.
                guard !hasBegun.withLock({ $0 }), ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// How long a port of our own may be taken by somebody else.
    private static let bindLimit = Duration.seconds(5)

    private func servingOnce<Answer: Sendable>(
        port: Int, security: HTTP2ServerTransport.Posix.TransportSecurity,
        _ body: @Sendable (_ port: Int) async throws -> Answer
    ) async throws -> Answer {
        let server = GRPCServer(
            transport: .http2NIOPosix(
                address: .ipv4(host: "127.0.0.1", port: port), transportSecurity: security),
            services: [Service(hub: self)], interceptors: [TokenRecorder(hub: self)])
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.serve() }
            defer { group.cancelAll() }
            guard let address = try await server.listeningAddress?.ipv4 else { throw CancellationError() }
            return try await body(address.port)
        }
    }

    private struct TokenRecorder: ServerInterceptor {
        let hub: TestHub

        func intercept<Input: Sendable, Output: Sendable>(
            request: StreamingServerRequest<Input>, context: ServerContext,
            next:
                @concurrent @Sendable (StreamingServerRequest<Input>, ServerContext) async throws ->
                StreamingServerResponse<Output>
        ) async throws -> StreamingServerResponse<Output> {
            let tokens = request.metadata[stringValues: "authorization"].map { String($0) }
            hub.state.withLock { $0.tokens.formUnion(tokens) }
            return try await next(request, context)
        }
    }

    private struct Service: WireWorkerHub.SimpleServiceProtocol {
        let hub: TestHub

        func claim(request: WireClaimRequest, context: ServerContext) async throws -> WireClaimResponse {
            let (error, delay) = hub.state.withLock { ($0.claimError, $0.claimDelay) }
            if let error { throw error }
            try await Task.sleep(for: delay)
            var response = WireClaimResponse()
            response.granted.attempt = request.attempt + 1
            response.granted.leaseSeconds = 12
            response.granted.token = "attempt-token"
            response.granted.spec = Data(#"{"form":"noop","body":{"sleepMilliseconds":5}}"#.utf8)
            response.granted.limitSeconds = 60
            var input = WireInput()
            input.name = "prompts"
            input.sha256 = Data([0xAB, 0x01])
            input.get.method = "GET"
            input.get.url = "http://store.test/x"
            input.get.headers = ["x-a": "b"]
            response.granted.inputs = [input]
            return response
        }

        func grantUploads(
            request: WireGrantUploadsRequest, context: ServerContext
        ) async throws -> WireGrantUploadsResponse {
            guard request.token == "attempt-token" else {
                throw RPCError(code: .permissionDenied, message: "not that token")
            }
            var response = WireGrantUploadsResponse()
            response.grants = request.files.map { file in
                var grant = WireUploadGrant()
                grant.single.method = "PUT"
                grant.single.url = "http://store.test/\(file.name)"
                return grant
            }
            return response
        }

        func completeUpload(
            request: WireCompleteUploadRequest, context: ServerContext
        ) async throws -> WireCompleteUploadResponse {
            guard request.etags == ["a", "b"] else { throw RPCError(code: .invalidArgument, message: "etags") }
            return WireCompleteUploadResponse()
        }

        func connect(
            request: RPCAsyncSequence<WireWorkerMessage, any Error>, response: RPCWriter<WireHubMessage>,
            context: ServerContext
        ) async throws {
            let (messages, continuation) = AsyncStream.makeStream(of: WireHubMessage.self)
            let id = hub.state.withLock { state in
                state.nextStream += 1
                state.streams[state.nextStream] = continuation
                return state.nextStream
            }
            defer { hub.state.withLock { _ = $0.streams.removeValue(forKey: id) } }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for await message in messages { try await response.write(message) } }
                for try await message in request {
                    switch message.body {
                    case .hello(let hello):
                        hub.state.withLock { $0.hellos.append(hello) }
                        var welcome = WireHubMessage()
                        welcome.welcome.heartbeatSeconds = 0.05
                        continuation.yield(welcome)
                    case .heartbeat(let heartbeat):
                        let isSilent = hub.state.withLock { state in
                            state.heartbeats.append(heartbeat)
                            return state.isSilent
                        }
                        if !isSilent { continuation.yield(.renewing(heartbeat)) }
                    case nil: break
                    }
                }
                continuation.finish()
                try await group.waitForAll()
            }
        }
    }
}

extension WireHubMessage {
    static func renewing(_ heartbeat: WireHeartbeat) -> WireHubMessage {
        var message = WireHubMessage()
        message.renewed.attempts = heartbeat.running.map { running in
            var name = WireAttemptName()
            name.taskID = running.taskID
            name.attempt = running.attempt
            return name
        }
        return message
    }
}
