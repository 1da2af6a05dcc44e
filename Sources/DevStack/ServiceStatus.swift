package import Foundation

/// What one service of the stack is doing at the moment.
package struct ServiceStatus: Sendable, Equatable, Codable {
    package enum State: String, Sendable, Codable {
        /// The process lives and answers its own protocol.
        case running
        /// The process lives and does not answer.
        case unresponsive
        /// The process was started, was not stopped by the stack, and is gone.
        case crashed
        /// Nothing was started, or the stack stopped it.
        case stopped
        /// A URL from the environment stands for this service, and answers.
        case external
        /// A URL from the environment stands for this service, and nothing answers there.
        case unreachable
    }

    package let name: ServiceName
    package let state: State
    /// The service's main process, when it lives.
    package let pid: Int32?
    /// The port that clients connect to.
    package let port: Int?
    /// When the process was started.
    package let since: Date?
    /// The version that the service itself reports.
    package let version: String?
    /// One line for people, without secrets.
    package let detail: String
    /// The service's log file; nil for an external service.
    package let log: String?

    /// Whether clients can use the service now.
    package var isUsable: Bool { state == .running || state == .external }
}
