import AMQP
import Configuration
import ObjectStore
import Postgres
import ProgramSettings
import Telemetry
import WorkerHub

/// Everything that worker-hub must be told, validated.
struct WorkerHubSettings {
    let hub: HubConfiguration
    let health: ListenAddress
    let database: PostgresClient.Configuration
    let broker: AMQPConfiguration
    let objects: S3Configuration
    let telemetry: TelemetryConfiguration

    /// Reads the environment.
    ///
    /// - `HUB_LISTEN` (host:port, default 127.0.0.1:8081), `HEALTH_LISTEN` (default 127.0.0.1:8082).
    /// - `WORKER_TOKEN` (secret, required): what workers present. `HUB_SECRET` (secret, required): what the tokens of
    ///   attempts
    ///   are made with.
    /// - `HUB_TLS_ENABLED` (default false), `HUB_TLS_CERTIFICATE`, `HUB_TLS_KEY` (paths of PEM files).
    /// - `HUB_LEASE_SECONDS` (3...3600, default 12): how long a worker may be silent.
    /// - `DATABASE_URL` (secret, required), `DATABASE_CONNECTIONS` (1...64, default 8).
    /// - `AMQP_URL` (secret, required), `AMQP_TLS_CA`; `S3_…` as for studio-api; `LOG_LEVEL`, `LOG_FORMAT`.
    init(_ settings: Settings) throws {
        let address = try settings.address("HUB_LISTEN", default: "127.0.0.1:8081")
        var hub = HubConfiguration(
            host: address.host, port: address.port, workerToken: try settings.secret("WORKER_TOKEN"),
            attemptSecret: try settings.secret("HUB_SECRET"))
        hub.lease = .seconds(try settings.integer("HUB_LEASE_SECONDS", in: 3...3_600, default: 12))
        if try settings.boolean("HUB_TLS_ENABLED") {
            hub.tls = HubConfiguration.TLS(
                certificatePath: try settings.required("HUB_TLS_CERTIFICATE"),
                keyPath: try settings.required("HUB_TLS_KEY"))
        }
        self.hub = hub
        health = try settings.address("HEALTH_LISTEN", default: "127.0.0.1:8082")
        database = PostgresClient.Configuration(
            url: try settings.secret("DATABASE_URL"),
            connections: try settings.integer(
                "DATABASE_CONNECTIONS", in: PostgresClient.Configuration.connectionsRange, default: 8),
            applicationName: "worker-hub")
        try database.validate()
        broker = try AMQPConfiguration(
            url: try settings.secret("AMQP_URL"), caCertificatePath: settings.text("AMQP_TLS_CA"),
            connectionName: "worker-hub")
        objects = try S3Configuration(
            endpoint: try settings.required("S3_ENDPOINT"), publicEndpoint: settings.text("S3_PUBLIC_ENDPOINT"),
            region: settings.text("S3_REGION") ?? "us-east-1", bucket: try settings.required("S3_BUCKET"),
            accessKey: try settings.secret("S3_ACCESS_KEY"), secretKey: try settings.secret("S3_SECRET_KEY"))
        telemetry = try TelemetryConfiguration(config: ConfigReader(provider: EnvironmentVariablesProvider()))
    }

    /// What was resolved, by variable, without secrets.
    var summary: [(variable: String, value: String)] {
        [
            ("HUB_LISTEN", "\(hub.host):\(hub.port)"), ("HEALTH_LISTEN", "\(health)"),
            ("HUB_TLS_ENABLED", "\(hub.tls != nil)"), ("HUB_LEASE_SECONDS", "\(hub.lease.components.seconds)"),
            ("AMQP_URL", "\(broker)"), ("DATABASE_CONNECTIONS", "\(database.connections)"),
            ("S3_ENDPOINT", "\(objects.endpoint)"), ("S3_PUBLIC_ENDPOINT", "\(objects.publicEndpoint)"),
            ("S3_BUCKET", objects.bucket), ("S3_REGION", objects.region), ("LOG_LEVEL", "\(telemetry.level)"),
            ("LOG_FORMAT", "\(telemetry.format)"),
        ]
    }
}
