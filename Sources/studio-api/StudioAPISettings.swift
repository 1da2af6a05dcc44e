import AMQP
import Configuration
import ObjectStore
import Postgres
import ProgramSettings
import StudioAPI
import Telemetry

/// Everything that studio-api must be told, validated.
struct StudioAPISettings {
    /// A call that has no connection by then is answered 503; the orchestrator's loops come again by themselves.
    ///
    /// Shorter than clients, load balancers and probes wait for an answer.
    private static let checkoutTimeout = Duration.seconds(2)

    let roles: Set<Role>
    let http: APIConfiguration
    let database: PostgresClient.Configuration
    let broker: AMQPConfiguration
    let objects: S3Configuration
    let telemetry: TelemetryConfiguration

    /// Reads the environment.
    ///
    /// - `HTTP_HOST` (default 127.0.0.1), `HTTP_PORT` (default 8080), `API_KEY` (secret, required).
    /// - `DATABASE_URL` (secret, required), `DATABASE_CONNECTIONS` (1...64, default 8).
    /// - `AMQP_URL` (secret, required), `AMQP_TLS_CA` (path, required for `amqps://`).
    /// - `S3_ENDPOINT`, `S3_BUCKET`, `S3_ACCESS_KEY`, `S3_SECRET_KEY` (required), `S3_REGION` (default us-east-1),
    ///   `S3_PUBLIC_ENDPOINT` (what signed URLs name, default `S3_ENDPOINT`).
    /// - `LOG_LEVEL`, `LOG_FORMAT`.
    ///
    /// A secret may also lie in a file that the variable with `_FILE` names.
    init(_ settings: Settings, roles: Set<Role>) throws {
        self.roles = roles
        http = try APIConfiguration(
            host: settings.text("HTTP_HOST") ?? "127.0.0.1",
            port: try settings.integer("HTTP_PORT", in: 0...65_535, default: 8080),
            apiKey: try settings.secret("API_KEY"))
        database = PostgresClient.Configuration(
            url: try settings.secret("DATABASE_URL"),
            connections: try settings.integer(
                "DATABASE_CONNECTIONS", in: PostgresClient.Configuration.connectionsRange, default: 8),
            checkoutTimeout: Self.checkoutTimeout, applicationName: "studio-api")
        try database.validate()
        broker = try AMQPConfiguration(
            url: try settings.secret("AMQP_URL"), caCertificatePath: settings.text("AMQP_TLS_CA"),
            connectionName: "studio-api")
        objects = try S3Configuration(
            endpoint: try settings.required("S3_ENDPOINT"), publicEndpoint: settings.text("S3_PUBLIC_ENDPOINT"),
            region: settings.text("S3_REGION") ?? "us-east-1", bucket: try settings.required("S3_BUCKET"),
            accessKey: try settings.secret("S3_ACCESS_KEY"), secretKey: try settings.secret("S3_SECRET_KEY"))
        telemetry = try TelemetryConfiguration(config: ConfigReader(provider: EnvironmentVariablesProvider()))
    }

    /// What was resolved, by variable, without secrets.
    var summary: [(variable: String, value: String)] {
        [
            ("roles", roles.map(\.rawValue).sorted().joined(separator: ",")),
            ("HTTP_HOST", http.host), ("HTTP_PORT", "\(http.port)"), ("AMQP_URL", "\(broker)"),
            ("DATABASE_CONNECTIONS", "\(database.connections)"), ("S3_ENDPOINT", "\(objects.endpoint)"),
            ("S3_PUBLIC_ENDPOINT", "\(objects.publicEndpoint)"), ("S3_BUCKET", objects.bucket),
            ("S3_REGION", objects.region), ("LOG_LEVEL", "\(telemetry.level)"), ("LOG_FORMAT", "\(telemetry.format)"),
        ]
    }
}
