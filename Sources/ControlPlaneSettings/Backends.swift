package import AMQP
package import ObjectStore
package import Postgres
package import ProgramSettings

/// The database, the broker and the object store of a control plane's program.
package struct Backends: Sendable {
    package var database: PostgresClient.Configuration
    package let broker: AMQPConfiguration
    package let objects: S3Configuration

    /// Reads the environment.
    ///
    /// - `DATABASE_URL` (secret, required), `DATABASE_CONNECTIONS` (1...64, default 8).
    /// - `AMQP_URL` (secret, required), `AMQP_TLS_CA` (path, required for `amqps://`).
    /// - `S3_ENDPOINT`, `S3_BUCKET`, `S3_ACCESS_KEY`, `S3_SECRET_KEY` (required), `S3_REGION` (default us-east-1),
    ///   `S3_PUBLIC_ENDPOINT` (what signed URLs name, default `S3_ENDPOINT`).
    ///
    /// - Parameter program: what database and broker know our connections by.
    /// - Throws: `SettingFaults`, everything that is wrong.
    package init(_ settings: Settings, program: String) throws {
        var faults = SettingFaults()
        let database = faults.collect { try Self.database(settings, program) }
        let broker = faults.collect { try Self.broker(settings, program) }
        let objects = faults.collect { try Self.objects(settings) }
        guard let database, let broker, let objects else { throw faults }
        self.database = database
        self.broker = broker
        self.objects = objects
    }

    private static func database(_ settings: Settings, _ program: String) throws -> PostgresClient.Configuration {
        let configuration = PostgresClient.Configuration(
            url: try settings.secret("DATABASE_URL"),
            connections: try settings.integer(
                "DATABASE_CONNECTIONS", in: PostgresClient.Configuration.connectionsRange, default: 8),
            applicationName: program)
        do {
            try configuration.validate()
        } catch {
            throw SettingError("DATABASE_URL", error.detail)
        }
        return configuration
    }

    private static func broker(_ settings: Settings, _ program: String) throws -> AMQPConfiguration {
        let url = try settings.secret("AMQP_URL")
        let authority = try settings.file("AMQP_TLS_CA")
        do {
            return try AMQPConfiguration(url: url, caCertificatePath: authority, connectionName: program)
        } catch {
            throw SettingError("AMQP_URL", error.detail)
        }
    }

    private static func objects(_ settings: Settings) throws -> S3Configuration {
        var faults = SettingFaults()
        let endpoint = faults.collect { try settings.required("S3_ENDPOINT") }
        let bucket = faults.collect { try settings.required("S3_BUCKET") }
        let accessKey = faults.collect { try settings.secret("S3_ACCESS_KEY") }
        let secretKey = faults.collect { try settings.secret("S3_SECRET_KEY") }
        guard let endpoint, let bucket, let accessKey, let secretKey else { throw faults }
        do {
            return try S3Configuration(
                endpoint: endpoint, publicEndpoint: settings.text("S3_PUBLIC_ENDPOINT"),
                region: settings.text("S3_REGION") ?? "us-east-1", bucket: bucket, accessKey: accessKey,
                secretKey: secretKey)
        } catch {
            throw SettingError(line: error.detail)
        }
    }

    /// What was resolved, by variable, without secrets.
    package var summary: [(variable: String, value: String)] {
        [
            ("AMQP_URL", "\(broker)"), ("AMQP_TLS_CA", broker.caCertificatePath ?? ""),
            ("DATABASE_CONNECTIONS", "\(database.connections)"),
            ("S3_ENDPOINT", "\(objects.endpoint)"), ("S3_PUBLIC_ENDPOINT", "\(objects.publicEndpoint)"),
            ("S3_BUCKET", objects.bucket), ("S3_REGION", objects.region),
        ] + ["DATABASE_URL", "S3_ACCESS_KEY", "S3_SECRET_KEY"].map { ($0, Settings.setSecret) }
    }
}
