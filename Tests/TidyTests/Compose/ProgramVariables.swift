/// The environment variables that a program's sources read, found by their quoted names.
struct ProgramVariables {
    /// Where a program's settings are read, besides its own folder.
    private static let shared = ["Sources/ProgramSettings/", "Sources/Telemetry/TelemetryConfiguration.swift"]
    private static let ofWorkers = ["Configuration", "Mock", "Command", "Endpoint"].map {
        "Sources/WorkerRuntime/\($0)/"
    }
    private static let ofControlPlane = ["Sources/ControlPlaneSettings/"]
    /// Required in the sources, but not by this program: it knows the value itself.
    private static let known = ["composer": ["WORKER_KINDS"]]

    private(set) var all: Set<String> = []
    private(set) var required: Set<String> = []
    private(set) var secrets: Set<String> = []

    init(of program: String) {
        var folders = ["Sources/\(program)/"] + Self.shared
        if ["worker-runtime", "composer"].contains(program) { folders += Self.ofWorkers }
        if ["studio-api", "worker-hub"].contains(program) { folders += Self.ofControlPlane }
        for source in Repository.sources where folders.contains(where: { source.path.hasPrefix($0) }) {
            let text = source.lines.filter { !$0.contains("///") }.joined(separator: "\n")
            for match in text.matches(of: /"([A-Z][A-Z0-9_]+)"/) { all.insert(String(match.output.1)) }
            for match in text.matches(of: /\W(?:required|requiredFile|secret|key)\("([A-Z0-9_]+)"\)/) {
                required.insert(String(match.output.1))
            }
            for match in text.matches(of: /\W(?:secret\(|key\(|secret: )"([A-Z0-9_]+)"\)/) {
                secrets.insert(String(match.output.1))
            }
        }
        required.subtract(Self.known[program] ?? [])
    }

    /// What is wrong with the environment that a service gives to the program.
    func problems(with environment: [String: String]) -> [String] {
        var problems: [String] = []
        for name in environment.keys.sorted() where !all.contains(name) {
            let base = name.hasSuffix("_FILE") ? String(name.dropLast("_FILE".count)) : ""
            if !secrets.contains(base) { problems.append("\(name) is read by nobody") }
        }
        for name in secrets.sorted() where environment[name] != nil {
            problems.append("\(name) is a secret: pass \(name)_FILE")
        }
        let usesTLS = environment["HUB_TLS_ENABLED"] == "true"
        for name in required.sorted() where environment[name] == nil && environment[name + "_FILE"] == nil {
            if name.hasPrefix("HUB_TLS_") && !usesTLS { continue }
            problems.append("\(name) is required")
        }
        return problems
    }
}
