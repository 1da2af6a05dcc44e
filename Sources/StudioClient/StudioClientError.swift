package import StudioCore

/// Why a call to the API did not give what was asked for.
package struct StudioClientError: Error, Sendable {
    package enum Code: String, Sendable {
        /// No connection, or it broke; tried several times.
        case unreachable
        case timeout
        /// The key is missing or wrong.
        case unauthorized
        case notFound
        /// Another request stands in the way.
        case conflict
        /// The server does not accept what was sent; `problem` says why.
        case refused
        /// The server failed, or is busy.
        case server
        /// What came back is not an answer of this API.
        case malformed
        /// The file could not be written.
        case file
    }

    package let code: Code
    package let detail: String
    /// What the server said, when it said something.
    package let problem: ProblemRecord?
    /// How long the server asks to wait, in seconds.
    package let retryAfterSeconds: Int?

    package init(_ code: Code, _ detail: String, problem: ProblemRecord? = nil, retryAfterSeconds: Int? = nil) {
        self.code = code
        self.detail = detail
        self.problem = problem
        self.retryAfterSeconds = retryAfterSeconds ?? problem?.retryAfterSeconds
    }

    /// Whether the same call may succeed a little later.
    package var isTransient: Bool {
        switch code {
        case .unreachable, .timeout, .server: true
        case .conflict: problem?.retryable ?? false
        case .unauthorized, .notFound, .refused, .malformed, .file: false
        }
    }
}

extension StudioClientError: CustomStringConvertible {
    package var description: String {
        var text = detail
        for fault in problem?.errors ?? [] { text += "\n  \(fault.pointer): \(fault.detail)" }
        if let id = problem?.requestID, code == .server { text += " (request \(id))" }
        return text
    }
}
