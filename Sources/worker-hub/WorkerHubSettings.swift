import ControlPlaneSettings
import ProgramSettings
import StudioCore
import WorkerHub

/// Everything that worker-hub must be told, validated.
struct WorkerHubSettings {
    let hub: HubConfiguration
    let health: ListenAddress
    let backends: Backends

    /// Reads the environment.
    ///
    /// - `HUB_LISTEN` (host:port, default 127.0.0.1:8081), `HEALTH_LISTEN` (default 127.0.0.1:8082).
    /// - `WORKER_TOKEN` (secret of 16 characters or more, required): what workers present.
    /// - `HUB_SECRET` (the same, required): what the tokens of attempts are made with.
    /// - `HUB_TLS_ENABLED` (default false), `HUB_TLS_CERTIFICATE`, `HUB_TLS_KEY` (paths of PEM files).
    /// - `HUB_LEASE_SECONDS` (3...3600, default 12): how long a worker may be silent.
    /// - What `Backends` reads: database, broker and object store.
    ///
    /// A secret may also lie in a file that the variable with `_FILE` names.
    ///
    /// - Throws: `SettingFaults`, everything that is wrong.
    init(_ settings: Settings) throws {
        var faults = SettingFaults()
        let address = faults.collect { try settings.address("HUB_LISTEN", default: "127.0.0.1:8081") }
        let health = faults.collect { try settings.address("HEALTH_LISTEN", default: "127.0.0.1:8082") }
        let token = faults.collect { try settings.key("WORKER_TOKEN") }
        let secret = faults.collect { try settings.key("HUB_SECRET") }
        let lease = faults.collect {
            try settings.integer("HUB_LEASE_SECONDS", in: TaskLease.secondsRange, default: TaskLease.secondsDefault)
        }
        let tls = faults.collect { try Self.tls(settings) }
        let backends = faults.collect { try Backends(settings, program: "worker-hub") }
        guard let address, let health, let token, let secret, let lease, let tls, let backends else { throw faults }
        var hub = HubConfiguration(
            host: address.host, port: address.port, tls: tls, workerToken: token, attemptSecret: secret)
        hub.lease = .seconds(lease)
        self.hub = hub
        self.health = health
        self.backends = backends
    }

    /// `nil` when it is off.
    private static func tls(_ settings: Settings) throws -> HubConfiguration.TLS? {
        guard try settings.boolean("HUB_TLS_ENABLED") else { return nil }
        var faults = SettingFaults()
        let certificate = faults.collect { try settings.requiredFile("HUB_TLS_CERTIFICATE") }
        let key = faults.collect { try settings.requiredFile("HUB_TLS_KEY") }
        guard let certificate, let key else { throw faults }
        return HubConfiguration.TLS(certificatePath: certificate, keyPath: key)
    }

    /// What was resolved, by variable, without secrets.
    var summary: [(variable: String, value: String)] {
        [
            ("WORKER_TOKEN", Settings.setSecret), ("HUB_SECRET", Settings.setSecret),
            ("HUB_LISTEN", "\(ListenAddress(host: hub.host, port: hub.port))"), ("HEALTH_LISTEN", "\(health)"),
            ("HUB_TLS_ENABLED", "\(hub.tls != nil)"), ("HUB_TLS_CERTIFICATE", hub.tls?.certificatePath ?? ""),
            ("HUB_TLS_KEY", hub.tls?.keyPath ?? ""), ("HUB_LEASE_SECONDS", "\(hub.lease.components.seconds)"),
        ] + backends.summary
    }
}
