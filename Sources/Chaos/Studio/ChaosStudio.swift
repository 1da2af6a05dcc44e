import DevStack
import Foundation
import Logging
import ObjectStore
import Postgres
import StudioClient
import StudioCore
import StudioStore
import SystemPackage

/// A whole studio made to be broken, with everything that breaks it, mends it and looks at it.
struct ChaosStudio: Sendable {
    static let silence = Logger(label: "chaos") { _ in SwiftLogNoOpLogHandler() }

    let configuration: ChaosConfiguration
    let stack: Stack
    let proxy: FaultProxy
    let programs: ChaosPrograms
    let supervisor: Supervisor
    let client: StudioClient
    /// Past the proxy, as all that judges.
    let database: PostgresClient
    let objects: S3Client
    let broker: BrokerOperator
    let crashPoints: CrashPointFiles
    /// nil where this user may not mount one.
    let volume: DiskVolume?

    /// Starts services and programs, runs the body, and stops all of it whatever happens.
    static func with<Value: Sendable>(
        _ configuration: ChaosConfiguration, note: @escaping @Sendable (String) -> Void,
        _ body: @escaping @Sendable (ChaosStudio) async throws -> Value
    ) async throws -> Value {
        try FileManager.default.createDirectory(
            atPath: configuration.directory.string, withIntermediateDirectories: true)
        let stack = Stack(
            StackConfiguration(root: configuration.directory.appending("stack"), external: ExternalServices()))
        let result: Result<Value, any Error>
        do {
            let endpoints = try await stack.up { note("\($0)") }
            result = .success(try await onServices(endpoints, stack, configuration, note, body))
        } catch {
            result = .failure(error)
        }
        for service in ServiceName.allCases { try? await stack.kill(service, signal: Signals.goOn) }
        try await stack.down()
        return try result.get()
    }

    private static func onServices<Value: Sendable>(
        _ endpoints: Endpoints, _ stack: Stack, _ configuration: ChaosConfiguration,
        _ note: @escaping @Sendable (String) -> Void,
        _ body: @escaping @Sendable (ChaosStudio) async throws -> Value
    ) async throws -> Value {
        let database = try await migrated(endpoints)
        let proxy = try FaultProxy()
        defer { proxy.close() }
        let programs = try ChaosPrograms(configuration, endpoints: endpoints, proxy: proxy)
        let volume = await DiskVolume.mount(at: programs.workDirectory(of: ChaosPrograms.smallDisk))
        let result: Result<Value, any Error>
        do {
            result = .success(
                try await supervise(
                    programs: programs.specifications, in: configuration.directory.appending("programs"),
                    until: { supervisor in
                        note("programs: ready")
                        return try await body(
                            try ChaosStudio(
                                configuration, endpoints: endpoints, stack: stack, proxy: proxy, programs: programs,
                                supervisor: supervisor, database: database, volume: volume))
                    }))
        } catch {
            result = .failure(error)
        }
        await volume?.unmount()
        await database.close()
        return try result.get()
    }

    private init(
        _ configuration: ChaosConfiguration, endpoints: Endpoints, stack: Stack, proxy: FaultProxy,
        programs: ChaosPrograms, supervisor: Supervisor, database: PostgresClient, volume: DiskVolume?
    ) throws {
        self.configuration = configuration
        self.stack = stack
        self.proxy = proxy
        self.programs = programs
        self.supervisor = supervisor
        self.database = database
        self.volume = volume
        var client = StudioClientConfiguration(
            url: "http://127.0.0.1:\(proxy.port(of: .clientAPI))", apiKey: programs.apiKey)
        client.answerLimit = .seconds(10)
        self.client = StudioClient(configuration: client)
        guard let s3 = endpoints.s3, let amqpURL = endpoints.amqpURL, let rabbitmqctl = endpoints.rabbitmqctl else {
            throw ChaosError("chaos needs a broker and an object store of its own")
        }
        objects = S3Client(
            configuration: try S3Configuration(
                endpoint: s3.endpoint, region: s3.region, bucket: s3.bucket, accessKey: s3.accessKey,
                secretKey: s3.secretKey), logger: Self.silence)
        broker = BrokerOperator(url: amqpURL, rabbitmqctl: rabbitmqctl)
        crashPoints = CrashPointFiles(directory: configuration.crashPoints)
    }

    private static func migrated(_ endpoints: Endpoints) async throws -> PostgresClient {
        guard let url = endpoints.databaseURL else { throw ChaosError("chaos needs a database of its own") }
        let client = PostgresClient(
            configuration: PostgresClient.Configuration(
                url: url, connections: 3, checkoutTimeout: .seconds(3), applicationName: "chaos"), logger: silence)
        do {
            _ = try await Migrator(client: client, migrations: StudioMigrations.all, logger: silence).migrate()
        } catch {
            await client.close()
            throw error
        }
        return client
    }
}
