/// Why a run or task is where it is.
package struct ReasonRecord: Codable, Sendable, Hashable {
    /// Stable and short, for programs.
    package let code: String
    /// For people.
    package let detail: String
    package let category: ErrorClass
    /// Whether another attempt may succeed without a change of the request.
    package let retryable: Bool

    package init(code: String, detail: String, category: ErrorClass, retryable: Bool) {
        self.code = code
        self.detail = detail
        self.category = category
        self.retryable = retryable
    }

    /// The reason that `failure` gives.
    package init(_ failure: TaskFailure) {
        let retryable: Bool =
            switch failure.errorClass {
            case .rateLimit, .temporary, .resource: true
            case .userError, .billing, .poison, .canceled, .fenced: false
            }
        self.init(code: failure.code, detail: failure.detail, category: failure.errorClass, retryable: retryable)
    }
}
