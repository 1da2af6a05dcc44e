/// An error as HTTP tells it: RFC 9457, with what programs need.
package struct ProblemRecord: Codable, Sendable, Hashable {
    /// One fault of a request; `pointer` is a JSON pointer into the body, or `?name` for a query parameter.
    package struct Fault: Codable, Sendable, Hashable {
        package let pointer: String
        package let code: String
        package let detail: String

        package init(pointer: String, code: String, detail: String) {
            self.pointer = pointer
            self.code = code
            self.detail = detail
        }
    }

    package var type: String
    package var title: String
    package var status: Int
    package var detail: String
    /// Stable, for programs.
    package var code: String
    /// Whether the same request may succeed later.
    package var retryable: Bool
    package var retryAfterSeconds: Int?
    package var requestID: String?
    package var errors: [Fault]?

    package init(
        title: String, status: Int, detail: String, code: String, retryable: Bool = false,
        retryAfterSeconds: Int? = nil, requestID: String? = nil, errors: [Fault]? = nil
    ) {
        self.type = "urn:ainern2d:problem:\(code)"
        self.title = title
        self.status = status
        self.detail = detail
        self.code = code
        self.retryable = retryable
        self.retryAfterSeconds = retryAfterSeconds
        self.requestID = requestID
        self.errors = errors
    }

    private enum CodingKeys: String, CodingKey {
        case type, title, status, detail, code, retryable, errors
        case retryAfterSeconds = "retry_after_s"
        case requestID = "request_id"
    }
}
