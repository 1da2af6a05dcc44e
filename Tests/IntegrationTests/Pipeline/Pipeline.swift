import DevStack
import Foundation
import Logging
import ObjectStore
import Postgres
import StudioClient
import StudioCore
import StudioStore
import SystemPackage
import Testing

/// Our real programs as processes, on a database and a vhost of their own, driven through the API.
struct Pipeline: Sendable {
    let client: StudioClient
    let database: PostgresClient
    let objects: S3Client
    let broker: PipelineBroker
    let programs: PipelinePrograms
    let supervisor: Supervisor

    /// Starts API, hub, workers and, where there is film to join, the composer; stops and removes everything
    /// afterwards, whatever happens.
    ///
    /// - Parameter services: nil takes those of the environment.
    static func with(
        _ workers: [PipelineWorker], composer: Bool = false, on services: PipelineServices? = nil,
        _ body: @escaping @Sendable (Pipeline) async throws -> Void
    ) async throws {
        let name = "pipeline_\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
        let services = try services ?? .shared()
        let directory = FilePath(FileManager.default.temporaryDirectory.path).appending(name)
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory.string) }
        try await withDatabase(name, on: services) { database in
            try await withBroker(name, on: services) { broker in
                let programs = try PipelinePrograms(
                    directory: directory, database: database.configuration.url, broker: broker.url, s3: services.s3)
                var list = [programs.studioAPI(), programs.workerHub()]
                if composer { list.append(try programs.filmComposer()) }
                list += try workers.map { try programs.workerRuntime($0) }
                do {
                    try await supervise(programs: list, in: directory) { supervisor in
                        let pipeline = try Pipeline(
                            database: database, broker: broker, programs: programs, supervisor: supervisor,
                            s3: services.s3)
                        let result: Result<Void, any Error>
                        do { result = .success(try await body(pipeline)) } catch { result = .failure(error) }
                        try await pipeline.removeObjects()
                        try result.get()
                    }
                } catch {
                    throw PipelineFailure(error, logs: directory)
                }
            }
        }
    }

    private init(
        database: PostgresClient, broker: PipelineBroker, programs: PipelinePrograms, supervisor: Supervisor,
        s3: ObjectStoreEndpoint
    ) throws {
        self.database = database
        self.broker = broker
        self.programs = programs
        self.supervisor = supervisor
        client = Self.client(of: programs, key: programs.apiKey)
        objects = S3Client(
            configuration: try S3Configuration(
                endpoint: s3.endpoint, region: s3.region, bucket: s3.bucket, accessKey: s3.accessKey,
                secretKey: s3.secretKey), logger: Self.silence)
    }

    private static let silence = Logger(label: "pipeline") { _ in SwiftLogNoOpLogHandler() }

    /// A client that outlasts the restart of the API.
    static func client(of programs: PipelinePrograms, key: String) -> StudioClient {
        var configuration = StudioClientConfiguration(url: "http://127.0.0.1:\(programs.httpPort)", apiKey: key)
        configuration.attemptsMax = 10
        return StudioClient(configuration: configuration)
    }

    /// Runs the body with a migrated database of its own.
    static func withDatabase(
        _ name: String, on services: PipelineServices, _ body: (PostgresClient) async throws -> Void
    ) async throws {
        let server = PostgresClient(
            configuration: PostgresClient.Configuration(url: services.databaseURL, connections: 1), logger: silence)
        try await server.execute("CREATE DATABASE \(unsafe: name)")
        let client = PostgresClient(
            configuration: PostgresClient.Configuration(
                url: try PipelineServices.url(services.databaseURL, path: name), connections: 2), logger: silence)
        let result: Result<Void, any Error>
        do {
            _ = try await Migrator(client: client, migrations: StudioMigrations.all, logger: silence).migrate()
            result = .success(try await body(client))
        } catch {
            result = .failure(error)
        }
        await client.close()
        let dropped: Result<Int, any Error>
        do {
            dropped = .success(try await server.execute("DROP DATABASE \(unsafe: name) WITH (FORCE)"))
        } catch {
            dropped = .failure(error)
        }
        await server.close()
        try result.get()
        _ = try dropped.get()
    }

    private static func withBroker(
        _ name: String, on services: PipelineServices, _ body: (PipelineBroker) async throws -> Void
    ) async throws {
        let broker = try await PipelineBroker.make(on: services, name: name)
        let result: Result<Void, any Error>
        do { result = .success(try await body(broker)) } catch { result = .failure(error) }
        let removed: Result<Void, any Error>
        do { removed = .success(try await broker.remove()) } catch { removed = .failure(error) }
        try result.get()
        try removed.get()
    }

    private func removeObjects() async throws {
        // The database may be one that the test has left stopped.
        guard let rows = try? await database.query("SELECT id FROM runs") else { return }
        for row in rows {
            let run = RunID(try row.decode("id", as: UUID.self))
            var keys: [String] = []
            for try await object in objects.list(prefix: "runs/\(run)/") { keys.append(object.key) }
            if !keys.isEmpty { try await objects.delete(keys: keys) }
        }
    }
}
