/// Which of our targets each of our targets may import: the table of the architecture.
enum ImportTable {
    static let libraries: [String: Set<String>] = [
        "CPostgres": [], "CRabbitMQ": [],
        "BlockingIO": [],
        // Drivers know nothing of the domain.
        "Postgres": ["CPostgres", "BlockingIO"],
        "AMQP": ["CRabbitMQ", "BlockingIO"],
        "ObjectStore": [],
        "ProgramSettings": [],
        "Telemetry": ["ProgramSettings"],
        // What studio-api and worker-hub are both told; never a worker's, as it links SQL.
        "ControlPlaneSettings": ["ProgramSettings", "Postgres", "AMQP", "ObjectStore"],
        // The frame of every program; never a driver, so that workers do not link SQL.
        "ProgramMain": ["ProgramSettings", "Telemetry"],
        "ToolProcess": [],
        // An aid for tests that any of our services may have.
        "CrashPoint": [],
        "StudioCore": [],
        // The pure decisions on a clock of its own: nothing real.
        "Simulation": ["StudioCore"],
        // Reads the indexes of media files, for whoever makes them and whoever joins them.
        "MediaFiles": ["StudioCore"],
        "StudioProto": [],
        "StudioStore": ["StudioCore", "Postgres"],
        // The object store for garbage collection and audit only.
        "Orchestrator": ["StudioCore", "StudioProto", "StudioStore", "AMQP", "ObjectStore", "CrashPoint"],
        // Never the broker.
        "StudioAPI": ["StudioCore", "StudioStore", "ObjectStore", "ProgramSettings", "Telemetry", "CrashPoint"],
        "WorkerHub": [
            "StudioCore", "StudioProto", "StudioStore", "AMQP", "ObjectStore", "ProgramSettings", "CrashPoint",
        ],
        // Never SQL.
        "WorkerRuntime": [
            "StudioCore", "StudioProto", "AMQP", "ObjectStore", "ProgramSettings", "ToolProcess", "MediaFiles",
            "CrashPoint",
        ],
        "Composition": ["StudioCore", "MediaFiles", "ToolProcess"],
        "StudioClient": ["StudioCore"],
        "DevStack": ["ObjectStore"],
        // Breaks everything, so it reaches everything.
        "Chaos": [
            "StudioClient", "StudioCore", "StudioProto", "StudioStore", "WorkerHub", "Postgres", "AMQP", "ObjectStore",
            "BlockingIO", "DevStack", "Simulation", "CrashPoint",
        ],
    ]

    static let programs: [String: Set<String>] = [
        "studio-api": [
            "StudioAPI", "Orchestrator", "StudioStore", "StudioCore", "Postgres", "AMQP", "ObjectStore", "Telemetry",
            "ProgramMain", "ProgramSettings", "ControlPlaneSettings",
        ],
        "worker-hub": [
            "WorkerHub", "StudioStore", "StudioCore", "Postgres", "AMQP", "ObjectStore", "Telemetry", "ProgramMain",
            "ProgramSettings", "ControlPlaneSettings",
        ],
        "worker-runtime": ["WorkerRuntime", "StudioCore", "AMQP", "Telemetry", "ProgramMain", "ProgramSettings"],
        "composer": [
            "Composition", "WorkerRuntime", "StudioCore", "AMQP", "Telemetry", "ProgramMain", "ProgramSettings",
        ],
        "studio": [
            "StudioClient", "StudioCore", "StudioStore", "Orchestrator", "Postgres", "ObjectStore", "DevStack",
            "Chaos",
        ],
    ]

    static let all = libraries.merging(programs) { _, program in program }

    /// What `StudioCore` may import besides the standard library itself: nothing that does I/O.
    static let modulesOfTheCore: Set<String> = ["FoundationEssentials", "Synchronization"]

    /// The C libraries, and the only target that may speak to each.
    static let drivers = ["CPostgres": "Postgres", "CRabbitMQ": "AMQP"]

    /// What is wrong with the imports of a file.
    static func violations(in source: SwiftSource) -> [Violation] {
        source.imports.compactMap { module, line in
            guard let problem = problem(module, in: source) else { return nil }
            return Violation(source.path, line: line, problem)
        }
    }

    private static func problem(_ module: String, in source: SwiftSource) -> String? {
        guard let target = source.target else { return nil }
        if let driver = drivers[module], driver != target {
            return "imports \(module), which only \(driver) may: use the driver"
        }
        guard !source.isTest, let allowed = all[target] else { return nil }
        if target == "StudioCore", !modulesOfTheCore.contains(module) {
            let allowed = modulesOfTheCore.sorted().joined(separator: ", ")
            return "StudioCore does no I/O: it imports \(allowed), not \(module)"
        }
        guard all[module] != nil, module != target, !allowed.contains(module) else { return nil }
        return "\(target) may not import \(module), only \(allowed.sorted().joined(separator: ", "))"
    }
}
