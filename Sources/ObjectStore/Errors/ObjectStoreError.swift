/// What went wrong between this process, its disk and the object store; never holds a signature or a secret.
package struct ObjectStoreError: Error, Sendable {
    package enum Code: String, Sendable {
        /// A setting is missing or malformed; `detail` names it.
        case invalidConfiguration
        /// The caller asked for what cannot be, or the store called the request malformed.
        case invalidRequest
        /// No connection, or it broke.
        case unreachable
        /// The store did not accept the keys, the signature or the right of this key to do this.
        case denied
        /// The clock of this machine and that of the store differ too much for signatures.
        case clockSkew
        /// The presigned request is past its time; ask for a new one.
        case expired
        case notFound
        /// A condition such as If-None-Match did not hold: the object is there already, or it changed meanwhile.
        case preconditionFailed
        /// Another write of the same key was under way.
        case conflict
        /// The bytes are not those that were announced or expected.
        case checksumMismatch
        /// This machine's disk is full.
        case diskFull
        /// Another failure of this machine's file system.
        case fileFailed
        /// A limit of time passed.
        case timeout
        /// The store asks for fewer requests.
        case throttled
        /// The store failed.
        case serverError
        /// What came back is not an answer of S3.
        case malformedResponse
    }

    package let code: Code
    package let detail: String
    /// The status of the answer, when there was one.
    package let httpStatus: Int?
    /// The store's own code, such as `NoSuchKey`, when the answer carried one.
    package let s3Code: String?
    /// How long the store asks to wait before another try.
    package let retryAfter: Duration?
    package let cause: (any Error)?

    package init(
        _ code: Code, _ detail: String, httpStatus: Int? = nil, s3Code: String? = nil, retryAfter: Duration? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.detail = detail
        self.httpStatus = httpStatus
        self.s3Code = s3Code
        self.retryAfter = retryAfter
        self.cause = cause
    }

    /// Whether the same request may well succeed a little later.
    package var isTransient: Bool {
        switch code {
        case .unreachable, .conflict, .timeout, .throttled: true
        case .serverError: httpStatus != 501
        case .invalidConfiguration, .invalidRequest, .denied, .clockSkew, .expired, .notFound, .preconditionFailed,
            .checksumMismatch, .diskFull, .fileFailed, .malformedResponse:
            false
        }
    }
}

extension ObjectStoreError: CustomStringConvertible {
    package var description: String {
        var text = "ObjectStoreError.\(code): \(detail)"
        if let httpStatus { text += " [HTTP \(httpStatus)\(s3Code.map { " \($0)" } ?? "")]" }
        if let cause { text += " (cause: \(cause))" }
        return text
    }
}
