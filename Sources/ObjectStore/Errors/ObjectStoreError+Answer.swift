import NIOHTTP1

extension ObjectStoreError {
    /// Longest part of a store's own message that is taken over.
    private static let messageLimit = 300

    /// Longest wait that a store may ask for.
    private static let longestRetryAfter = 30

    /// Reads the refusal in `reply`; `operation` says in a few words what was tried.
    init(refusal reply: Reply, operation: String) {
        let error = try? S3XML.parse(reply.body).named("Error")
        self.init(
            status: reply.status, s3Code: error?.text(of: "Code"), message: error?.text(of: "Message"),
            retryAfter: reply.headers.first(name: "retry-after").flatMap(Int.init), operation: operation)
    }

    /// - Parameter retryAfter: seconds, from the header of that name.
    init(status: Int, s3Code: String?, message: String?, retryAfter: Int? = nil, operation: String) {
        let code = Self.code(status: status, s3Code: s3Code, message: message)
        let said = (message ?? "").prefix(Self.messageLimit).filter { !$0.isNewline }
        let hint =
            switch code {
            case .clockSkew: "; compare this machine's clock with the store's"
            case .denied where s3Code == "InvalidAccessKeyId": "; the store does not know this access key"
            case .denied where s3Code == "SignatureDoesNotMatch":
                "; wrong secret key, or the request was changed on its way"
            default: ""
            }
        self.init(
            code, "\(operation) refused" + (said.isEmpty ? "" : ": \(said)") + hint, httpStatus: status,
            s3Code: s3Code,
            retryAfter: retryAfter.map { .seconds(min(max($0, 0), Self.longestRetryAfter)) })
    }

    private static func code(status: Int, s3Code: String?, message: String?) -> Code {
        switch s3Code {
        case "RequestTimeTooSkewed": return .clockSkew
        case "ExpiredToken", "ExpiredPresignRequest": return .expired
        case "RequestTimeout": return .timeout
        case "BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "InvalidDigest":
            return .checksumMismatch
        case "NoSuchBucket", "NoSuchKey", "NoSuchUpload": return .notFound
        case "PreconditionFailed": return .preconditionFailed
        case "ConditionalRequestConflict", "OperationAborted": return .conflict
        case "SlowDown", "SlowDownRead", "SlowDownWrite", "ServiceUnavailable", "TooManyRequests": return .throttled
        case "InternalError": return .serverError
        default: break
        }
        return switch status {
        case 401, 403: message?.lowercased().contains("expired") == true ? .expired : .denied
        case 404: .notFound
        case 408: .timeout
        case 409: .conflict
        case 412: .preconditionFailed
        case 429, 503: .throttled
        case 400..<500: .invalidRequest
        case 500...: .serverError
        default: .malformedResponse
        }
    }
}
