import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One request to the bucket, before it is signed.
struct S3Call: Sendable {
    var method: HTTPMethod
    /// Nil for a request to the bucket itself.
    var key: String?
    var query: [(name: String, value: String)] = []
    /// Headers to sign, lower-case.
    var headers: [(name: String, value: String)] = []
    /// Hexadecimal SHA-256 of the body, or a constant that stands for it.
    var payloadHash = SigV4.emptyPayload

    /// Path as it is sent and signed.
    func path(in configuration: S3Configuration) -> String {
        let bucket = configuration.pathStyle ? "/\(configuration.bucket)" : ""
        guard let key else { return bucket.isEmpty ? "/" : bucket }
        return "\(bucket)/\(PercentEncoding.encode(key, keepingSlashes: true))"
    }

    /// Query as it is sent and signed.
    var queryString: String {
        query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
    }
}

extension S3Configuration {
    func host(of endpoint: S3Endpoint) -> S3Endpoint {
        pathStyle ? endpoint : endpoint.virtualHost(of: bucket)
    }
}
