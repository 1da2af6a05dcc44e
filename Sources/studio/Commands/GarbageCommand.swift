import ArgumentParser
import DevStack
import Logging
import ObjectStore
import Orchestrator
import Postgres
import StudioStore

/// `studio gc`.
struct GarbageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Deletes the objects that no run shows any more.",
        discussion: """
            studio-api does so by itself, every \(GarbageCollector.period.components.seconds / 60) minutes. Only \
            objects older than \(GarbageCollector.ageMin.components.seconds / 3600) hours are looked at, and none of \
            a run that the database does not know.
            Database and object store are DATABASE_URL, S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY, S3_SECRET_KEY and \
            S3_REGION, or the local stack's.
            """)

    @Flag(help: "Only tell what would be deleted.")
    var dryRun = false

    @OptionGroup var dev: DevOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard (Terminal.read(secret: "DATABASE_URL") == nil) == (Terminal.variable("S3_ENDPOINT") == nil) else {
            throw Failure(
                .usage, "Rows and objects must be of one studio.\n→ Set both DATABASE_URL and S3_ENDPOINT, or neither.")
        }
        let local = try await DevDirectory(dev.dir).stack().endpoints()
        guard let url = Terminal.read(secret: "DATABASE_URL") ?? local?.databaseURL else {
            throw Failure(.usage, "There is no database.\n→ Set DATABASE_URL, or start one with `studio dev up`.")
        }
        let objects = try Self.objects(local?.s3)
        var logger = Logger(label: "studio")
        logger.logLevel = .warning
        let client = PostgresClient(
            configuration: PostgresClient.Configuration(url: url, connections: 1, applicationName: "studio"),
            logger: logger)
        let collector = GarbageCollector(
            artifacts: ArtifactStore(client: client), objects: S3Client(configuration: objects, logger: logger),
            logger: logger)
        let report: GarbageReport
        do {
            report = try await collector.collect(dryRun: dryRun)
            await client.close()
        } catch {
            await client.close()
            throw Failure(.error, "The garbage cannot be collected: \(error)")
        }
        if output.json { return try output.print(report) }
        Terminal.print(
            "\(dryRun ? "would delete" : "deleted") \(Spoken.count(report.objects, "object")) of "
                + "\(report.bytes) bytes, "
                + "\(dryRun ? "give" : "gave") up \(Spoken.count(report.uploads, "upload")); "
                + "\(report.listed) listed, \(report.unknown) unknown here")
        if report.isPartial { Terminal.note("There is more: say it again.") }
        if report.failed > 0 { throw Failure(.error, "\(report.failed) objects could not be deleted.") }
    }

    /// The object store of the environment, or else of the local stack.
    private static func objects(_ local: ObjectStoreEndpoint?) throws -> S3Configuration {
        do {
            guard let endpoint = Terminal.variable("S3_ENDPOINT") else {
                guard let local else {
                    throw Failure(
                        .usage, "There is no object store.\n→ Set S3_ENDPOINT, or start one with `studio dev up`.")
                }
                return try S3Configuration(
                    endpoint: local.endpoint, region: local.region, bucket: local.bucket, accessKey: local.accessKey,
                    secretKey: local.secretKey)
            }
            return try S3Configuration(
                endpoint: endpoint, region: Terminal.variable("S3_REGION") ?? "us-east-1",
                bucket: Terminal.variable("S3_BUCKET") ?? "", accessKey: Terminal.read(secret: "S3_ACCESS_KEY") ?? "",
                secretKey: Terminal.read(secret: "S3_SECRET_KEY") ?? "")
        } catch let error as ObjectStoreError {
            throw Failure(.usage, error.detail)
        }
    }
}
