package import SystemPackage

/// How a run of a program ended, and what it said.
package struct ToolOutcome: Sendable, Hashable {
    package enum Ending: Sendable, Hashable {
        case exited(Int)
        case signaled(Int)
        /// It took longer than its limit, and was ended.
        case timedOut
    }

    package let ending: Ending
    /// The end of its standard output.
    package let output: String
    /// The end of its standard error.
    package let log: String

    package var isSuccess: Bool { ending == .exited(0) }
}

extension ToolOutcome.Ending: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signaled(let number): "killed by signal \(number)"
        case .timedOut: "took too long"
        }
    }
}

/// A program could not be started.
package struct ToolFailure: Error, Sendable, CustomStringConvertible {
    package let executable: FilePath
    package let detail: String

    package var description: String { "\(executable) cannot be run: \(detail)" }
}
