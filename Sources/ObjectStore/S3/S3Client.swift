package import AsyncHTTPClient
package import Logging
import NIOCore
import NIOHTTP1

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// One bucket of an S3 service, for who holds its keys: presigning without I/O, and signed requests.
///
/// Every asynchronous method throws `ObjectStoreError`, or `CancellationError` when its task is cancelled, and tries
/// transient failures again within its retry policy. Keys have 1 ... 1,024 bytes.
package final class S3Client: Sendable {
    /// The most bytes of a key.
    package static let keyLimit = 1_024

    package let configuration: S3Configuration
    let transport: Transport
    let policy: RetryPolicy
    let logger: Logger
    let now: @Sendable () -> Date

    /// - Parameters:
    ///   - httpClient: nil takes one that the whole process shares; see `HTTPClient.Configuration.transfers`.
    ///   - now: the wall clock for signatures.
    package init(
        configuration: S3Configuration, httpClient: HTTPClient? = nil, retry policy: RetryPolicy = .standard,
        logger: Logger, now: @escaping @Sendable () -> Date = { .now }
    ) {
        self.configuration = configuration
        transport = Transport(client: httpClient ?? .transfers)
        self.policy = policy
        self.logger = logger
        self.now = now
    }

    /// Signs `call` anew for every try and returns the first answer that succeeds.
    ///
    /// - Parameter limit: how long one try may take; nil only bounds its silence.
    func success(
        of call: S3Call, body: HTTPClientRequest.Body? = nil, operation: String, retry: RetryPolicy? = nil,
        limit: Duration? = nil
    ) async throws -> Reply {
        let log = TransferLog(logger: logger, operation: operation)
        return try await (retry ?? policy).run(logging: log) { _ in
            try await before(limit.map { ContinuousClock.now + $0 }, operation: operation) {
                try await self.transport.success(
                    of: try self.request(for: call, body: body), operation: operation)
            }
        }
    }

    /// The signed request for `call`, good for some minutes.
    func request(for call: S3Call, body: HTTPClientRequest.Body? = nil) throws -> HTTPClientRequest {
        try signed(call, body: body).request
    }

    /// The same, with the signature that a chunked body begins from.
    func signed(
        _ call: S3Call, body: HTTPClientRequest.Body?, at date: Date? = nil
    ) throws -> (request: HTTPClientRequest, signature: String) {
        if let key = call.key, key.isEmpty || key.utf8.count > Self.keyLimit {
            throw ObjectStoreError(.invalidRequest, "a key has 1 to \(Self.keyLimit) bytes")
        }
        let host = configuration.host(of: configuration.endpoint)
        let path = call.path(in: configuration)
        let query = call.queryString
        let headers =
            [("host", host.authority), ("x-amz-content-sha256", call.payloadHash)]
            + call.headers.map { ($0.name, $0.value) }
        let (added, signature) = configuration.signer.headersAndSignature(
            signing: SigV4.Request(method: call.method.rawValue, path: path, query: query, headers: headers),
            payloadHash: call.payloadHash, at: date ?? now())

        var request = HTTPClientRequest(url: "\(host)\(path)\(query.isEmpty ? "" : "?\(query)")")
        request.method = call.method
        request.headers = HTTPHeaders(headers + added.map { ($0.name, $0.value) })
        request.body = body
        return (request, signature)
    }
}
