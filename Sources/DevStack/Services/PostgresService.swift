import Foundation
import Subprocess
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Postgres with pgvector.
struct PostgresService: StackService {
    let name = ServiceName.postgres
    /// Fast shutdown: open transactions are rolled back, the next start needs no recovery.
    let stopSignal = SIGINT
    let stopGrace = Duration.seconds(15)

    private let context: StackContext
    private let server: FilePath
    private let client: FilePath
    private let initialiser: FilePath
    private let account: ServiceAccount?

    init(_ context: StackContext) throws {
        self.context = context
        server = try context.locator.postgres("postgres")
        client = try context.locator.postgres("psql")
        initialiser = try context.locator.postgres("initdb")
        account = try ServiceAccount.needed(for: [context.configuration.root, server.removingLastComponent()])
    }

    var port: Int { context.ports.postgres }
    var summary: String { "127.0.0.1:\(port), database \(context.configuration.database), data in \(data)" }
    var isFirstStart: Bool { !FileManager.default.fileExists(atPath: data.appending("PG_VERSION").string) }

    private var directory: FilePath { context.directory("postgres") }
    private var data: FilePath { directory.appending("data") }
    private var environment: [String: String] { context.environment(home: directory) }

    var plans: [LaunchPlan] {
        let command = asAccount(server, ["-D", data.string])
        return [
            LaunchPlan(
                name: name.rawValue, executable: command.executable, arguments: command.arguments,
                environment: environment, workingDirectory: directory, log: context.log(name.rawValue),
                exitFile: context.exitFile(name.rawValue), ports: [port])
        ]
    }

    func prepare() async throws {
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        if isFirstStart { try await initialise() }
        try removeStaleLock()
        let settings = PostgresSettings(port: port)
        for (file, text) in [("postgresql.conf", settings.server), ("pg_hba.conf", settings.clientAuthentication)] {
            let path = data.appending(file)
            try PrivateFile.write(Data(text.utf8), to: path)
            try account?.own(path)
        }
    }

    func probe() async -> String? {
        try? await query("show server_version", database: "postgres")
    }

    func complete() async throws {
        let database = context.configuration.database
        let found = try await query("select 1 from pg_database where datname = '\(database)'", database: "postgres")
        if found.isEmpty { _ = try await query("create database \(database)", database: "postgres") }
    }

    /// After a kill -9, the server's children take a moment to notice; until then the data directory is in use.
    func isPassingFailure(_ log: String) -> Bool { log.contains("pre-existing shared memory block") }

    /// Makes the cluster beside its place and renames it, so that an interrupted attempt is never taken for a cluster.
    private func initialise() async throws {
        let files = FileManager.default
        let draft = directory.appending("data.new")
        let password = directory.appending("password")
        try? files.removeItem(atPath: draft.string)
        try files.createDirectory(
            atPath: draft.string, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        try PrivateFile.write(Data(context.secrets.postgres.utf8), to: password)
        defer { try? files.removeItem(atPath: password.string) }
        try account?.own(draft)
        try account?.own(password)
        let command = asAccount(
            initialiser,
            [
                "-D", draft.string, "-U", context.configuration.database, "--pwfile", password.string,
                "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale-provider", "builtin",
                "--builtin-locale", "C.UTF-8", "--locale", "C",
            ])
        let result = try await Tool.run(command.executable, command.arguments, environment: environment)
        guard result.isSuccess else {
            throw StackError(
                .launchFailed, "initdb failed:\n\(result.error)",
                cure: "Free disk space, or check the owner of \(directory).")
        }
        try? files.removeItem(atPath: data.string)
        try files.moveItem(atPath: draft.string, toPath: data.string)
    }

    /// Removes the server's own lock file when the pid in it has come to belong to some other program.
    ///
    /// Postgres removes the file itself when there is no such process, but takes any process of its user for itself.
    private func removeStaleLock() throws {
        let lock = data.appending("postmaster.pid")
        guard let text = try? String(contentsOfFile: lock.string, encoding: .utf8),
            let first = text.split(separator: "\n").first, let pid = Int32(first),
            let owner = ProcessTable.commandLine(of: pid)
        else { return }
        if owner.contains(data.string) {
            throw StackError(
                .portInUse, "Postgres already runs in \(data) as pid \(pid), but not under this stack's control.",
                cure: "Stop it: kill -INT \(pid)")
        }
        if !owner.hasPrefix("postgres") { try? FileManager.default.removeItem(atPath: lock.string) }
    }

    private func query(_ statement: String, database: String) async throws -> String {
        let result = try await Tool.run(
            client,
            [
                "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", "\(port)",
                "-U", context.configuration.database, "-d", database, "-c", statement,
            ],
            environment: environment.merging(["PGPASSWORD": context.secrets.postgres, "PGCONNECT_TIMEOUT": "2"]) { $1 })
        guard result.isSuccess else {
            throw StackError(.notReady, "Postgres refused a statement:\n\(result.error)", cure: "See \(summary).")
        }
        return result.output
    }

    private func asAccount(
        _ executable: FilePath, _ arguments: [String]
    ) -> (executable: FilePath, arguments: [String]) {
        account?.command(executable, arguments) ?? (executable, arguments)
    }
}
