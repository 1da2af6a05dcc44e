/// What sort of failure it was, which decides what happens next (R-C2).
package enum ErrorClass: String, Codable, Sendable, CaseIterable {
    /// A bad prompt or input: fails at once.
    case userError = "user_error"
    /// A provider's key or balance: fails at once, an operator must act.
    case billing
    /// The provider asks to slow down: repeated after its own delay.
    case rateLimit = "rate_limit"
    /// Likely to pass: repeated after a short delay.
    case temporary
    /// Out of memory, disk or GPU: repeated, elsewhere if possible.
    case resource
    /// Kills workers: never repeated.
    case poison
    case canceled
    /// A newer attempt exists: nothing this one says counts.
    case fenced
}

/// Why an attempt did not succeed.
package struct TaskFailure: Error, Codable, Sendable, Hashable {
    package let errorClass: ErrorClass
    /// Stable and short, for programs: `ffmpeg_failed`, `lease_expired`.
    package let code: String
    /// For people; at most ``detailMax`` characters, never a secret.
    package let detail: String
    /// How long the cause asked to wait, in seconds.
    package let retryAfterSeconds: Double?

    package static let detailMax = 2_000
    /// The code of a failure that a GPU with more memory may spare the next attempt.
    package static let outOfMemoryCode = "out_of_memory"

    package init(_ errorClass: ErrorClass, code: String, detail: String, retryAfterSeconds: Double? = nil) {
        self.errorClass = errorClass
        self.code = code
        self.detail = String(detail.prefix(Self.detailMax))
        self.retryAfterSeconds = retryAfterSeconds
    }
}
