import NIOHTTP1

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Presigning is arithmetic: nothing here does I/O or fails. What the store would not take (a key of more than 1,024
/// bytes, a checksum that is none) it refuses when the request is sent.
extension S3Client {
    /// The least and the most seconds that a presigned request may live.
    package static let presignedLifetime = 1...604_800

    /// A request that reads the object at `key`.
    ///
    /// - Parameters:
    ///   - expires: 1 second ... 7 days; brought within these bounds.
    ///   - contentDisposition: what the answer's header shall say, such as `attachment; filename="film.mp4"`.
    ///   - contentType: the same for the type.
    package func presignGet(
        key: String, expires: Duration, contentDisposition: String? = nil, contentType: String? = nil
    ) -> PresignedRequest {
        var call = S3Call(method: .GET, key: key)
        if let contentDisposition { call.query.append(("response-content-disposition", contentDisposition)) }
        if let contentType { call.query.append(("response-content-type", contentType)) }
        return presign(call, expires: expires)
    }

    /// A request that writes exactly the announced bytes to `key`.
    ///
    /// Bound by the signature, so that the sender can change none of it: type, length, SHA-256 and the condition.
    ///
    /// - Parameters:
    ///   - contentLength: bytes.
    ///   - sha256: hexadecimal.
    ///   - ifNoneMatch: true lets only the first writer of a key succeed; the others are answered 412.
    ///   - expires: 1 second ... 7 days; brought within these bounds.
    package func presignPut(
        key: String, contentType: String, contentLength: Int64, sha256: String, ifNoneMatch: Bool = true,
        expires: Duration
    ) -> PresignedRequest {
        var call = S3Call(method: .PUT, key: key)
        call.headers = [
            ("content-type", contentType), ("content-length", String(contentLength)),
            ("x-amz-checksum-sha256", FileDigest.checksumHeader(sha256)),
        ]
        if ifNoneMatch { call.headers.append(("if-none-match", "*")) }
        return presign(call, expires: expires)
    }

    /// The same, with the SHA-256 as bytes.
    package func presignPut(
        key: String, contentType: String, contentLength: Int64, sha256: some Sequence<UInt8>,
        ifNoneMatch: Bool = true, expires: Duration
    ) -> PresignedRequest {
        presignPut(
            key: key, contentType: contentType, contentLength: contentLength, sha256: Hexadecimal.encode(sha256),
            ifNoneMatch: ifNoneMatch, expires: expires)
    }

    /// A request that writes one part of a multipart upload.
    ///
    /// - Parameters:
    ///   - part: 1 ... 10,000.
    ///   - contentLength: bytes; bound by the signature.
    ///   - sha256: of the part, hexadecimal; bound when given.
    package func presignPart(
        key: String, uploadID: String, part: Int, contentLength: Int64, sha256: String? = nil, expires: Duration
    ) -> PresignedRequest {
        var call = S3Call(method: .PUT, key: key)
        call.query = [("partNumber", String(part)), ("uploadId", uploadID)]
        call.headers = [("content-length", String(contentLength))]
        if let sha256 { call.headers.append(("x-amz-checksum-sha256", FileDigest.checksumHeader(sha256))) }
        return presign(call, expires: expires)
    }

    private func presign(_ call: S3Call, expires: Duration) -> PresignedRequest {
        precondition(call.key?.isEmpty == false, "an object's key is not empty")
        let lifetime = min(
            max(Int(expires.components.seconds), Self.presignedLifetime.lowerBound), Self.presignedLifetime.upperBound)
        let date = now()
        let host = configuration.host(of: configuration.publicEndpoint)
        let path = call.path(in: configuration)
        let query = configuration.signer.presignedQuery(
            SigV4.Request(
                method: call.method.rawValue, path: path, query: call.queryString,
                headers: [("host", host.authority)] + call.headers),
            payloadHash: SigV4.unsignedPayload, expires: lifetime, at: date)
        return PresignedRequest(
            method: call.method.rawValue, url: "\(host)\(path)?\(query)",
            headers: Dictionary(call.headers.map { ($0.name, $0.value) }) { $1 },
            expiresAt: date.addingTimeInterval(Double(lifetime)))
    }
}
