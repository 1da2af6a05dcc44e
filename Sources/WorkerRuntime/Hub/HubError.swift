/// Why a call to the hub did not succeed.
package struct HubError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The hub is away, overloaded or slow: the same call may succeed later.
        case unavailable
        /// The hub does not accept this worker's token or certificate.
        case refused
        /// A newer attempt exists, or this one is over: nothing it says counts.
        case fenced
        /// The task is to stop.
        case canceled
        /// The hub cannot use the request.
        case invalid
    }

    package let code: Code
    package let detail: String
    package let cause: (any Error)?

    package init(_ code: Code, _ detail: String, cause: (any Error)? = nil) {
        self.code = code
        self.detail = detail
        self.cause = cause
    }

    /// Whether the same call may succeed later; a token may be put right by an operator.
    package var isTransient: Bool {
        switch code {
        case .unavailable, .refused: true
        case .fenced, .canceled, .invalid: false
        }
    }

    package var description: String { "HubError.\(code.rawValue): \(detail)" }
}
