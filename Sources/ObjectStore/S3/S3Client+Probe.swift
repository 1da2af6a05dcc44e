import AsyncHTTPClient
import NIOCore
import NIOHTTP1

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension S3Client {
    /// Stores take signatures whose clock is off by 15 minutes at most.
    package static let clockTolerance = 900.0

    /// How long a probe waits for the store.
    package static let probeLimit = Duration.seconds(10)

    /// Asks for the bucket once, with these keys: for readiness.
    ///
    /// Throws: `.unreachable`, `.timeout`, `.denied` (unknown key, wrong secret, no right), `.notFound` (no such
    /// bucket), `.clockSkew`; the detail says what to look at.
    package func probe() async throws {
        // A GET, because a refused HEAD has no body to say why.
        let call = S3Call(method: .GET, key: nil, query: [("list-type", "2"), ("max-keys", "1")])
        let operation = "probe of bucket \(configuration.bucket) at \(configuration.endpoint)"
        let request = try request(for: call)
        let transport = transport
        let reply = try await before(.now + Self.probeLimit, operation: operation) {
            try await transport.reply(to: request, operation: operation)
        }
        if reply.isSuccess { return }
        let error = ObjectStoreError(refusal: reply, operation: operation)
        let theirs = S3Date.parse(httpHeader: reply.headers.first(name: "date"))
        if error.code == .denied || error.code == .expired, let skew = theirs.map({ now().timeIntervalSince($0) }),
            skew.magnitude > Self.clockTolerance
        {
            throw ObjectStoreError(
                .clockSkew, "\(operation): this machine's clock is \(Int(skew)) s ahead of the store's",
                httpStatus: error.httpStatus, s3Code: error.s3Code)
        }
        throw error
    }
}
