import AsyncHTTPClient
package import NIOCore
import NIOHTTP1

extension S3Client {
    /// Writes bytes that are only passing through: signed chunk by chunk, so that they need not be known beforehand.
    ///
    /// A stream cannot be sent twice: nothing is tried again.
    ///
    /// - Parameters:
    ///   - bytes: chunks of any size; gathered to 64 KiB.
    ///   - size: bytes in all, exactly.
    ///   - ifNoneMatch: true throws `.preconditionFailed` when the key is taken.
    /// - Returns: the entity tag.
    @discardableResult
    package func put<Bytes: AsyncSequence & Sendable>(
        stream bytes: Bytes, size: Int64, key: String, contentType: String, ifNoneMatch: Bool = false
    ) async throws -> String where Bytes.Element == ByteBuffer {
        var call = S3Call(method: .PUT, key: key, payloadHash: SigV4.streamingPayload)
        call.headers = [
            ("content-type", contentType), ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", String(size)),
        ]
        if ifNoneMatch { call.headers.append(("if-none-match", "*")) }
        let date = now()
        var (request, seed) = try signed(call, body: nil, at: date)
        let signer = SigV4.ChunkSigner(signer: configuration.signer, seed: seed, at: date)
        request.body = .stream(
            ChunkedBody(bytes: bytes, signer: signer),
            length: .known(ChunkedBody<Bytes>.encodedSize(of: size)))
        let reply = try await transport.success(of: request, operation: "upload of \(key)")
        return reply.etag ?? ""
    }
}
