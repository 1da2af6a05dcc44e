import AsyncHTTPClient
import NIOCore
import NIOHTTP1

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
