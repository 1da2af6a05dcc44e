import GRPCCore
import GRPCNIOTransportHTTP2
import GRPCProtobuf
import ProgramSettings
import ServiceLifecycle
package import StudioCore
import StudioProto

/// The worker's connection to the hub; reconnects by itself, with growing and jittered pauses.
package final class HubClient: Service, HubCalling {
    package let worker: WorkerID
    let deadline: Duration
    let metadata: Metadata
    let hub: WireWorkerHub.Client<HTTP2ClientTransport.Posix>
    private let client: GRPCClient<HTTP2ClientTransport.Posix>

    /// - Parameter worker: the identity in whose name every call is made; fresh for each start of the program.
    /// - Throws: when the CA file cannot be used.
    package init(_ endpoint: HubEndpoint, worker: WorkerID) throws {
        self.worker = worker
        deadline = endpoint.callDeadline
        metadata = ["authorization": "Bearer \(endpoint.token)"]
        let transport = try HTTP2ClientTransport.Posix(
            target: .dns(host: endpoint.address.host, port: endpoint.address.port),
            transportSecurity: endpoint.security.transport,
            config: .defaults { config in
                config.backoff = .init(
                    initial: .milliseconds(100), max: .seconds(5), multiplier: 1.6, jitter: 0.3)
                // A host that lost its power says nothing: without this, only TCP would notice, after a quarter of an
                // hour.
                config.connection.keepalive = .init(
                    time: .seconds(10), timeout: .seconds(5), allowWithoutCalls: true)
            })
        client = GRPCClient(transport: transport)
        hub = WireWorkerHub.Client(wrapping: client)
    }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await withTaskCancellationHandler {
                try await client.runConnections()
            } onCancel: {
                client.beginGracefulShutdown()
            }
        } onGracefulShutdown: {
            self.client.beginGracefulShutdown()
        }
    }

    package func claim(task: TaskID, attempt: Int) async throws -> ClaimAnswer {
        var request = WireClaimRequest()
        request.workerID = worker.description
        request.taskID = task.description
        request.attempt = UInt32(attempt)
        let response = try await translatingErrors {
            try await hub.claim(request, metadata: metadata, options: unaryOptions)
        }
        return try ClaimAnswer(response, task: task)
    }

    package func grantUploads(
        _ name: AttemptName, token: String, files: [UploadDeclaration]
    ) async throws -> [UploadGrant] {
        var request = WireGrantUploadsRequest()
        request.workerID = worker.description
        request.taskID = name.task.description
        request.attempt = UInt32(name.attempt)
        request.token = token
        request.files = try files.map(WireUploadFile.init)
        let response = try await translatingErrors {
            try await hub.grantUploads(request, metadata: metadata, options: unaryOptions)
        }
        guard response.grants.count == files.count else {
            throw HubError(.invalid, "\(response.grants.count) grants for \(files.count) files")
        }
        return try response.grants.map(UploadGrant.init)
    }

    package func completeUpload(
        _ name: AttemptName, token: String, file: String, uploadID: String, etags: [String]
    ) async throws {
        var request = WireCompleteUploadRequest()
        request.workerID = worker.description
        request.taskID = name.task.description
        request.attempt = UInt32(name.attempt)
        request.token = token
        request.name = file
        request.uploadID = uploadID
        request.etags = etags
        _ = try await translatingErrors {
            try await hub.completeUpload(request, metadata: metadata, options: completionOptions)
        }
    }
}

extension HubClient {
    /// Joining the parts of a large object takes the store a while.
    private static let completionFactor = 6

    /// The largest answer, in bytes: the claim of a long film's composition names tens of thousands of inputs.
    private static let answerBytesMax = 64 << 20

    private var unaryOptions: CallOptions {
        var options = CallOptions.defaults
        options.timeout = deadline
        // The transport applies this limit to what it receives as well.
        options.maxRequestMessageBytes = Self.answerBytesMax
        return options
    }

    private var completionOptions: CallOptions {
        var options = CallOptions.defaults
        options.timeout = deadline * Self.completionFactor
        return options
    }

    private func translatingErrors<Answer: Sendable>(_ call: () async throws -> Answer) async throws -> Answer {
        do {
            return try await call()
        } catch {
            throw HubError.translate(error)
        }
    }
}

extension HubEndpoint.Security {
    fileprivate var transport: HTTP2ClientTransport.Posix.TransportSecurity {
        switch self {
        case .plaintext: .plaintext
        case .tls(let caPath):
            .tls { tls in
                if let caPath { tls.trustRoots = .certificates([.file(path: caPath, format: .pem)]) }
                tls.serverCertificateVerification = .fullVerification
            }
        }
    }
}
