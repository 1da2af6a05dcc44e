package import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// An answer read to its end.
struct Reply: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: ByteBuffer

    var isSuccess: Bool { (200..<300).contains(status) }
    var etag: String? { headers.first(name: "etag").map { $0.filter { $0 != "\"" } } }
}

/// Sends one request and bounds what comes back.
struct Transport: Sendable {
    /// Largest answer that is read into memory; a listing of 1,000 keys of full length stays below.
    static let answerLimit = 8 << 20

    let client: HTTPClient

    /// Sends `request` and reads the whole answer, whatever its status.
    func reply(to request: HTTPClientRequest, operation: String) async throws -> Reply {
        do {
            let response = try await client.execute(request, deadline: .distantFuture)
            return try await Self.collect(response)
        } catch {
            throw ObjectStoreError.wrapping(error, operation: operation)
        }
    }

    /// The same, where only success will do.
    func success(of request: HTTPClientRequest, operation: String) async throws -> Reply {
        let reply = try await reply(to: request, operation: operation)
        guard reply.isSuccess else { throw ObjectStoreError(refusal: reply, operation: operation) }
        return reply
    }

    static func collect(_ response: HTTPClientResponse) async throws -> Reply {
        do {
            let body = try await response.body.collect(upTo: answerLimit)
            return Reply(status: Int(response.status.code), headers: response.headers, body: body)
        } catch is NIOTooManyBytesError {
            throw ObjectStoreError(
                .malformedResponse, "the answer is longer than \(answerLimit) bytes",
                httpStatus: Int(response.status.code))
        }
    }
}

extension HTTPClient {
    /// The client for all transfers of this process, never shut down: timeouts for silence, not for duration.
    static let transfers = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .transfers)
}

extension HTTPClient.Configuration {
    /// No redirects (they would break signatures), no decompression (it would change bytes), a limit on silence.
    package static var transfers: Self {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5), read: .seconds(60), write: .seconds(60)),
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16
        // A refused connection is known at once; waiting and trying again is the retry policy's part.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }
}
