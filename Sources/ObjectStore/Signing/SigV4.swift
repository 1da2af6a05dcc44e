import Crypto

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Signs HTTP requests with AWS signature version 4; pure, no clock and no I/O of its own.
package struct SigV4: Sendable {
    /// What of a request is signed, as it goes over the wire.
    package struct Request: Sendable {
        package var method: String
        /// The path of the request line, percent-encoded as it will be sent.
        package var path: String
        /// The query of the request line without its question mark, percent-encoded as it will be sent.
        package var query: String
        /// Every header to sign, `host` included; a name may occur more than once.
        package var headers: [(name: String, value: String)]

        package init(method: String, path: String, query: String = "", headers: [(name: String, value: String)]) {
            self.method = method
            self.path = path
            self.query = query
            self.headers = headers
        }
    }

    /// How the path of the request line becomes the path that is signed.
    package enum PathMode: Sendable, Equatable {
        /// S3: as it is sent; a key may hold `//` or `..`, and its encoding is the only one.
        case exact
        /// Every other service: encoded once more, after removal of dot segments and doubled slashes if `normalize`.
        case generic(normalize: Bool)
    }

    /// Stands for the payload's hash where the body is not known or not to be signed.
    package static let unsignedPayload = "UNSIGNED-PAYLOAD"
    /// The hash of a body of no bytes.
    package static let emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    static let algorithm = "AWS4-HMAC-SHA256"

    package let accessKey: String
    package let region: String
    package let service: String
    package let pathMode: PathMode
    /// False adds the session token after signing, which a few services want.
    package let signsSessionToken: Bool
    private let secretKey: String
    private let sessionToken: String?

    /// - Parameter pathMode: nil takes the mode of the service.
    package init(
        accessKey: String, secretKey: String, sessionToken: String? = nil, region: String, service: String = "s3",
        pathMode: PathMode? = nil, signsSessionToken: Bool = true
    ) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.region = region
        self.service = service
        self.pathMode = pathMode ?? (service == "s3" ? .exact : .generic(normalize: true))
        self.signsSessionToken = signsSessionToken
    }

    /// The headers to add to `request`: the date, the session token if any, and `authorization`.
    ///
    /// - Parameter payloadHash: hexadecimal SHA-256 of the body, or one of the constants that stand for it. S3 wants
    ///   the same value in an `x-amz-content-sha256` header among those of `request`.
    package func headers(
        signing request: Request, payloadHash: String, at date: Date
    ) -> [(name: String, value: String)] {
        headersAndSignature(signing: request, payloadHash: payloadHash, at: date).headers
    }

    /// The same, with the bare signature, from which a chunked body goes on.
    package func headersAndSignature(
        signing request: Request, payloadHash: String, at date: Date
    ) -> (headers: [(name: String, value: String)], signature: String) {
        let time = SigningTime(date)
        let token = sessionToken.map { (name: "x-amz-security-token", value: $0) }
        var added: [(name: String, value: String)] = [("x-amz-date", time.stamp)]
        if let token, signsSessionToken { added.append(token) }

        var signed = request
        signed.headers += added
        let canonical = canonicalRequest(signed, payloadHash: payloadHash)
        let signature = signature(of: stringToSign(canonicalRequest: canonical, at: date), at: date)
        let authorization =
            "\(Self.algorithm) Credential=\(accessKey)/\(scope(at: time)), "
            + "SignedHeaders=\(signedHeaders(of: signed)), Signature=\(signature)"
        if let token, !signsSessionToken { added.append(token) }
        added.append(("authorization", authorization))
        return (added, signature)
    }

    /// The query that makes `request` valid by itself until it expires, signature included.
    ///
    /// All headers of `request` are bound: who sends it must send them with these values.
    ///
    /// - Parameter expires: whole seconds, 1 ... 604,800.
    package func presignedQuery(
        _ request: Request, payloadHash: String, expires: Int, at date: Date
    ) -> String {
        let time = SigningTime(date)
        var parameters = [
            ("X-Amz-Algorithm", Self.algorithm),
            ("X-Amz-Credential", "\(accessKey)/\(scope(at: time))"),
            ("X-Amz-Date", time.stamp),
            ("X-Amz-SignedHeaders", signedHeaders(of: request)),
            ("X-Amz-Expires", String(expires)),
        ]
        let token = sessionToken.map { ("X-Amz-Security-Token", $0) }
        if let token, signsSessionToken { parameters.append(token) }

        var signed = request
        signed.query = Self.join(request.query, parameters)
        let canonical = canonicalRequest(signed, payloadHash: payloadHash)
        let signature = signature(of: stringToSign(canonicalRequest: canonical, at: date), at: date)
        let unsigned = signsSessionToken ? [] : [token].compactMap(\.self)
        return Self.join(signed.query, unsigned + [("X-Amz-Signature", signature)])
    }

    /// The text that the signature is computed over.
    package func stringToSign(canonicalRequest: String, at date: Date) -> String {
        let time = SigningTime(date)
        let hash = Hexadecimal.encode(SHA256.hash(data: Array(canonicalRequest.utf8)))
        return "\(Self.algorithm)\n\(time.stamp)\n\(scope(at: time))\n\(hash)"
    }

    /// The signature of `text`, in hexadecimal.
    package func signature(of text: String, at date: Date) -> String {
        var key = SymmetricKey(data: Array("AWS4\(secretKey)".utf8))
        for part in [SigningTime(date).day, region, service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        return Hexadecimal.encode(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }

    func scope(at time: SigningTime) -> String {
        "\(time.day)/\(region)/\(service)/aws4_request"
    }

    private static func join(_ query: String, _ parameters: [(String, String)]) -> String {
        let added = parameters.map { "\(PercentEncoding.encode($0))=\(PercentEncoding.encode($1))" }
        return ((query.isEmpty ? [] : [query]) + added).joined(separator: "&")
    }
}

extension SigV4: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "SigV4(accessKey: \(accessKey), region: \(region), service: \(service))" }
    package var debugDescription: String { description }
    /// Keeps the secret out of `dump` and of test failures.
    package var customMirror: Mirror { Mirror(self, children: ["accessKey": accessKey, "region": region]) }
}
