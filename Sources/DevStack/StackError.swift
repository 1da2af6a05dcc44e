/// Why the local stack could not do what was asked, and what cures it.
package struct StackError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure, for code that decides; people read ``description``.
    package enum Code: String, Sendable {
        /// A program that the stack runs is not installed.
        case toolMissing
        /// A port that the stack needs is held by a process that is not part of it.
        case portInUse
        /// Another process is starting or stopping the same stack.
        case busy
        /// A process started but did not answer, or ended, before it was ready.
        case notReady
        /// A process could not be started at all.
        case launchFailed
        /// The disk has too little room, or a file could not be written.
        case storage
        /// A service named by a URL in the environment does not answer.
        case unreachable
        /// Settings or the stack's own state file contradict themselves.
        case configuration
    }

    package let code: Code
    /// What happened, in one or more lines.
    package let detail: String
    /// What to do about it.
    package let cure: String

    package init(_ code: Code, _ detail: String, cure: String) {
        self.code = code
        self.detail = detail
        self.cure = cure
    }

    package var description: String { cure.isEmpty ? detail : "\(detail)\n→ \(cure)" }
}
