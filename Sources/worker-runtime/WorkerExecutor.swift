import ProgramSettings
import WorkerRuntime

/// What makes a worker's tasks, as the settings say.
struct WorkerExecutor {
    let executor: any TaskExecutor
    let endpoint: EndpointConfiguration
    private let own: [(variable: String, value: String)]

    /// Reads `EXECUTOR` (`mock` or `command`), and what the one it names and its endpoint have for settings.
    ///
    /// - Parameter mock: whether the command line asks for the mock.
    /// - Throws: `SettingFaults` or `SettingError`.
    init(_ settings: Settings, mock: Bool) throws {
        switch mock ? "mock" : settings.text("EXECUTOR") {
        case "mock":
            let mock = try MockSettings(settings)
            (executor, own) = (try MockExecutor(mock), [("EXECUTOR", "mock")] + mock.summary)
            endpoint = try EndpointConfiguration(settings, name: "mock")
        case "command":
            var faults = SettingFaults()
            let command = faults.collect { try CommandSettings(settings) }
            let endpoint = faults.collect {
                try EndpointConfiguration(settings, name: command?.endpoint ?? "command")
            }
            guard let command, let endpoint else { throw faults }
            (executor, own) = (CommandExecutor(command), [("EXECUTOR", "command")] + command.summary)
            self.endpoint = endpoint
        case let other:
            let problem = other.map { "is \"\($0)\", but must be" } ?? "is required:"
            throw SettingError("EXECUTOR", "\(problem) \"command\" (with COMMAND) or \"mock\" (or pass --mock)")
        }
    }

    var summary: [(variable: String, value: String)] { own + endpoint.summary }
}
