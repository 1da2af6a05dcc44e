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

    /// Runs `body` with a local studio: the one that is up, or one that is started for it and stopped after it,
    /// whatever
    /// happens.
    ///
    /// - Parameter programs: which programs to run when they are not up yet; `nil` all of them.
    static func with<Value: Sendable>(
        _ directory: DevDirectory,
        programs: @escaping @Sendable (DevPrograms) throws -> [ProgramSpecification] = { try $0.all() },
        _ body: @escaping @Sendable (LocalStudio) async throws -> Value
    ) async throws -> Value {
        if let running = try await running(directory) { return try await body(running) }
        let stack = try directory.stack()
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
        try await migrate(endpoints)
        let secrets = try directory.prepare()
        let list = try programs(DevPrograms(secrets: secrets, endpoints: endpoints, directory: directory))
        let client = StudioClient(configuration: StudioClientConfiguration(url: secrets.url, apiKey: secrets.apiKey))
        let studio = LocalStudio(client: client, secrets: secrets, endpoints: endpoints, directory: directory)
        return try await supervise(
            programs: list, in: directory.programs, progress: { Terminal.note("  \($0)") },
            until: { _ in try await body(studio) })
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
