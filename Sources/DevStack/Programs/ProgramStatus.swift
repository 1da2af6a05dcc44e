package import Foundation

/// What one program does at the moment.
package struct ProgramStatus: Sendable, Equatable, Codable {
    package enum State: String, Sendable, Codable {
        /// The process lives and, if it has a readiness address, answers 200 there.
        case ready
        /// The process lives and does not say that it is ready.
        case starting
        /// The process ended and was not stopped.
        case crashed
        /// The process was never started, or was stopped.
        case stopped
    }

    package let name: String
    package let state: State
    package let pid: Int32?
    package let port: Int?
    package let since: Date?
    /// How it ended, when it has.
    package let exit: ExitStatus?
    package let log: String
}
