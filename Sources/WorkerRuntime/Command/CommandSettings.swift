package import ProgramSettings
package import SystemPackage
import ToolProcess

/// The program that makes a worker's tasks, named by the operator and never by a task.
package struct CommandSettings: Sendable {
    /// Names that are never passed on, however they are asked for: what the hub and the broker know the worker by.
    private static let secrets: Set<String> = ["WORKER_TOKEN", "WORKER_TOKEN_FILE", "AMQP_URL", "AMQP_URL_FILE"]
    /// Below the time after which an attempt that was asked to stop is reported without its executor.
    private static let graceSecondsMax = 8

    package let executable: FilePath
    package let arguments: [String]
    /// A run that takes longer is ended, and counts as hung.
    package let limit: Duration
    /// Between SIGTERM and SIGKILL.
    package let grace: Duration
    /// What the program has besides what every one has.
    package let environment: [String: String]

    /// What the circuit is named after.
    package var endpoint: String { executable.string }

    /// Reads the environment.
    ///
    /// - `COMMAND` (required): the absolute path of the program and its arguments, between blanks; there are no quotes.
    /// - `COMMAND_LIMIT_SECONDS` (1...3600, default 3600): a run that takes longer is ended and counts as hung; the
    ///   hub's limit for the kind of task may end it before.
    /// - `COMMAND_GRACE_SECONDS` (0...8, default 2): between SIGTERM and SIGKILL, for it and all that it has started.
    /// - `COMMAND_ENVIRONMENT` (comma list of names, such as `HF_HOME`): variables of the worker's that the
    ///   program has too; besides those it has `PATH`, `LC_ALL`, `HOME` and `TMPDIR`.
    ///
    /// - Throws: `SettingFaults`, everything that is wrong.
    package init(_ settings: Settings) throws {
        var faults = SettingFaults()
        let words = faults.collect { try Self.words(settings) }
        let limit = faults.collect { try settings.integer("COMMAND_LIMIT_SECONDS", in: 1...3_600, default: 3_600) }
        let grace = faults.collect {
            try settings.integer("COMMAND_GRACE_SECONDS", in: 0...Self.graceSecondsMax, default: 2)
        }
        let environment = faults.collect { try Self.environment(settings) }
        guard let words, let limit, let grace, let environment else { throw faults }
        executable = FilePath(words[0])
        arguments = Array(words.dropFirst())
        self.limit = .seconds(limit)
        self.grace = .seconds(grace)
        self.environment = environment
    }

    private static func words(_ settings: Settings) throws -> [String] {
        let words = settings.text("COMMAND")?.split(separator: " ").map(String.init) ?? []
        guard let name = words.first else {
            throw SettingError("COMMAND", "is required for EXECUTOR=command: /path/of/program and its arguments")
        }
        guard FilePath(name).isAbsolute, ExecutableSearch.find(name) != nil else {
            throw SettingError("COMMAND", "\(name) must be the absolute path of a program that this user may run")
        }
        return words
    }

    private static func environment(_ settings: Settings) throws -> [String: String] {
        let list = settings.text("COMMAND_ENVIRONMENT")?.split(separator: ",", omittingEmptySubsequences: false)
        let names = list?.map { $0.filter { $0 != " " } } ?? []
        var environment: [String: String] = [:]
        for name in names {
            guard !name.isEmpty, name.utf8.allSatisfy({ "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_".utf8.contains($0) })
            else { throw SettingError("COMMAND_ENVIRONMENT", "\"\(name)\" must be a name of A-Z 0-9 _") }
            guard !secrets.contains(name) else {
                throw SettingError("COMMAND_ENVIRONMENT", "\(name) is the worker's own secret: leave it out")
            }
            environment[name] = settings.text(name)
        }
        return environment
    }

    /// What was resolved, by variable, without values of ``environment``; for `--check-config`.
    package var summary: [(variable: String, value: String)] {
        [
            ("COMMAND", ([executable.string] + arguments).joined(separator: " ")),
            ("COMMAND_LIMIT_SECONDS", "\(Int(limit.secondsValue))"),
            ("COMMAND_GRACE_SECONDS", "\(Int(grace.secondsValue))"),
            ("COMMAND_ENVIRONMENT", environment.keys.sorted().joined(separator: ",")),
        ]
    }
}
