import Foundation

/// One of our own programs and how to run it beside the stack.
package struct ProgramSpecification: Sendable, Codable, Equatable {
    /// When a supervisor starts a program again.
    package enum RestartPolicy: String, Sendable, Codable {
        case never
        /// When it ended in any way that nobody asked for, with growing pauses; see ``Supervisor``.
        case always
    }

    /// Unique among the programs of one supervisor, such as `worker-runtime-video`; names its log file.
    package var name: String
    /// A program beside the running one, such as `worker-runtime`, or an absolute path.
    package var executable: String
    package var arguments: [String]
    /// Added to the environment of the process that starts the program; wins over it.
    package var environment: [String: String]
    /// The port on 127.0.0.1 where the program answers ``readinessPath``; nil when it has none to wait for.
    package var readinessPort: Int?
    package var readinessPath: String
    /// How long the program may take from its start until it is ready, in seconds.
    package var readinessSeconds: Double
    /// How long the program may take to finish its work after SIGTERM, in seconds; then it is killed.
    package var graceSeconds: Double
    package var restart: RestartPolicy

    package init(
        name: String, executable: String, arguments: [String] = [], environment: [String: String] = [:],
        readinessPort: Int? = nil, readinessPath: String = "/readyz", readinessSeconds: Double = 30,
        graceSeconds: Double = 30, restart: RestartPolicy = .always
    ) {
        self.name = name
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.readinessPort = readinessPort
        self.readinessPath = readinessPath
        self.readinessSeconds = readinessSeconds
        self.graceSeconds = graceSeconds
        self.restart = restart
    }
}
