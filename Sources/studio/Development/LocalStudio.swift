import DevStack
import Foundation
import Logging
import Postgres
import StudioClient
import StudioStore

/// A whole studio on this machine, for as long as a command needs it.
struct LocalStudio: Sendable {
    let client: StudioClient
    let secrets: DevSecrets
    let endpoints: Endpoints
    let directory: DevDirectory

    /// What the composer and the mock workers run, besides what the services run.
    static let commands = ["ffmpeg", "ffprobe"]

    /// Runs `body` with a local studio: the one that is up, or one that is started for it and stopped after it,
    /// whatever happens.
    ///
    /// - Parameters:
    ///   - programs: which programs to run when they are not up yet; by default all of them.
    ///   - commands: what those run themselves.
    static func with<Value: Sendable>(
        _ directory: DevDirectory,
        programs: @escaping @Sendable (DevPrograms) throws -> [ProgramSpecification] = { try $0.all() },
        commands: [String] = LocalStudio.commands, _ body: @escaping @Sendable (LocalStudio) async throws -> Value
    ) async throws -> Value {
        let stack = try directory.stack()
        try await stack.requireTools(and: commands)
        // Held as long as the programs live that are started here: nobody else may take them for leftovers.
        let value: Value? = try await directory.exclusively {
            if try await running(directory) != nil { return nil }
            let wasUp = try await stack.status().contains { $0.state == .running }
            do {
                let value = try await start(directory, stack, programs, body)
                if !wasUp { try await stop(stack) }
                return value
            } catch {
                if !wasUp { try? await stop(stack) }
                throw error
            }
        }
        if let value { return value }
        guard let running = try await running(directory) else {
            throw Failure(.error, "The studio in \(directory.path) was stopped meanwhile.\n→ Try again.")
        }
        return try await body(running)
    }

    /// The studio that `studio dev up` has started; `nil` when there is none that is ready.
    static func running(_ directory: DevDirectory) async throws -> LocalStudio? {
        guard let secrets = directory.load(), DetachedSupervisor(directory: directory.programs).identity != nil,
            let endpoints = try await directory.stack().endpoints()
        else { return nil }
        let client = StudioClient(configuration: StudioClientConfiguration(url: secrets.url, apiKey: secrets.apiKey))
        guard (try? await client.ready()) != nil else { return nil }
        return LocalStudio(client: client, secrets: secrets, endpoints: endpoints, directory: directory)
    }

    private static func start<Value: Sendable>(
        _ directory: DevDirectory, _ stack: Stack,
        _ programs: @escaping @Sendable (DevPrograms) throws -> [ProgramSpecification],
        _ body: @escaping @Sendable (LocalStudio) async throws -> Value
    ) async throws -> Value {
        let endpoints = try await stack.up { Terminal.note("  \($0)") }
        let (list, secrets) = try await prepare(directory, endpoints, programs)
        let client = StudioClient(configuration: StudioClientConfiguration(url: secrets.url, apiKey: secrets.apiKey))
        let studio = LocalStudio(client: client, secrets: secrets, endpoints: endpoints, directory: directory)
        return try await supervise(
            programs: list, in: directory.programs, progress: { Terminal.note("  \($0)") },
            until: { _ in try await body(studio) })
    }

    /// Leaves the programs running, unless they run; only inside ``DevDirectory/exclusively(_:)``.
    static func launch(_ directory: DevDirectory, _ endpoints: Endpoints, arguments: [String]) async throws {
        if try await running(directory) != nil { return Terminal.note("  programs: already running") }
        let (programs, _) = try await prepare(directory, endpoints) { try $0.all() }
        let supervisor = DetachedSupervisor(directory: directory.programs)
        try await supervisor.launch(arguments: arguments, programs: programs)
        for status in await supervisor.statuses() { Terminal.note("  \(status.name): \(status.state.rawValue)") }
    }

    private static func prepare(
        _ directory: DevDirectory, _ endpoints: Endpoints, _ programs: (DevPrograms) throws -> [ProgramSpecification]
    ) async throws -> ([ProgramSpecification], DevSecrets) {
        try await migrate(endpoints)
        // What an owner that was killed has left must not hold the ports that are chosen now.
        await DetachedSupervisor(directory: directory.programs).stop()
        let secrets = try directory.prepare()
        return (try programs(DevPrograms(secrets: secrets, endpoints: endpoints, directory: directory)), secrets)
    }

    /// Stops the services, also in a task that is cancelled.
    private static func stop(_ stack: Stack) async throws {
        try await stack.down { event in
            if case .stopped = event { Terminal.note("  \(event)") }
        }
    }

    /// Brings the database to the newest schema.
    @discardableResult
    static func migrate(_ endpoints: Endpoints) async throws -> [String] {
        guard let url = endpoints.databaseURL else {
            throw Failure(.error, "There is no database: set DATABASE_URL, or start one with `studio dev up`.")
        }
        return try await Migrations.apply(url)
    }
}

/// The database's migrations, applied from here.
enum Migrations {
    static func apply(_ url: String) async throws -> [String] {
        try await with(url) { try await $0.migrate() }
    }

    static func pending(_ url: String) async throws -> [String] {
        try await with(url) { try await $0.pending() }
    }

    private static func with(
        _ url: String, _ body: (Migrator) async throws -> [String]
    ) async throws -> [String] {
        var logger = Logger(label: "studio")
        logger.logLevel = .warning
        let client = PostgresClient(
            configuration: PostgresClient.Configuration(url: url, connections: 1, applicationName: "studio"),
            logger: logger)
        do {
            let names = try await body(Migrator(client: client, migrations: StudioMigrations.all, logger: logger))
            await client.close()
            return names
        } catch {
            await client.close()
            throw Failure(.error, "The database cannot be migrated: \(error)")
        }
    }
}
