import ControlPlaneSettings
import Postgres
import ProgramSettings
import StudioAPI

/// Everything that studio-api must be told, validated.
struct StudioAPISettings {
    /// A call that has no connection by then is answered 503; the orchestrator's loops come again by themselves.
    ///
    /// Shorter than clients, load balancers and probes wait for an answer.
    private static let checkoutTimeout = Duration.seconds(2)

    let roles: Set<Role>
    let http: APIConfiguration
    let backends: Backends

    /// Reads the environment.
    ///
    /// - `HTTP_HOST` (default 127.0.0.1), `HTTP_PORT` (default 8080).
    /// - `API_KEY` (secret of 16 characters or more, required): what studios present.
    /// - What `Backends` reads: database, broker and object store.
    ///
    /// A secret may also lie in a file that the variable with `_FILE` names.
    ///
    /// - Throws: `SettingFaults`, everything that is wrong.
    init(_ settings: Settings, roles: String) throws {
        var faults = SettingFaults()
        let roles = faults.collect { try Role.set(roles) }
        let host = faults.collect { try settings.host("HTTP_HOST", default: "127.0.0.1") }
        let port = faults.collect { try settings.integer("HTTP_PORT", in: 0...65_535, default: 8080) }
        let apiKey = faults.collect { try settings.key("API_KEY") }
        let backends = faults.collect { try Backends(settings, program: "studio-api") }
        guard let roles, let host, let port, let apiKey, var backends else { throw faults }
        backends.database.checkoutTimeout = Self.checkoutTimeout
        self.roles = roles
        http = try APIConfiguration(host: host, port: port, apiKey: apiKey)
        self.backends = backends
    }

    /// What was resolved, by variable, without secrets.
    var summary: [(variable: String, value: String)] {
        [
            ("roles", roles.map(\.rawValue).sorted().joined(separator: ",")), ("HTTP_HOST", http.host),
            ("HTTP_PORT", "\(http.port)"),
        ] + backends.summary
    }
}
