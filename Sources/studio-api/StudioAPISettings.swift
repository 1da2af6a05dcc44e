import ControlPlaneSettings
import Postgres
import ProgramSettings
import StudioAPI
import StudioCore
import StudioStore

/// Everything that studio-api must be told, validated.
struct StudioAPISettings {
    /// A call that has no connection by then is answered 503; the orchestrator's loops come again by themselves.
    ///
    /// Shorter than clients, load balancers and probes wait for an answer.
    private static let checkoutTimeout = Duration.seconds(2)

    let roles: Set<Role>
    let http: APIConfiguration
    let backends: Backends
    let retryPolicy: RetryPolicy
    let retryBudget: RetryBudget
    let dispatchWindow: DispatchWindow

    /// Reads the environment.
    ///
    /// - `HTTP_HOST` (default 127.0.0.1), `HTTP_PORT` (default 8080).
    /// - `API_KEY` (secret of 16 characters or more, required): what studios present.
    /// - `TASK_DEATHS_MAX` (1...100, default 2): a task is poison when so many workers have died with it.
    /// - `RETRY_BUDGET_PERCENT` (0...100, default 20): the share of a tenant's attempts of one kind within a minute
    ///   that may be retries; those beyond it wait.
    /// - `RETRY_BUDGET_MIN` (1...1000000, default 100): so many retries of a kind a minute are always allowed
    ///   to each tenant.
    /// - `DISPATCH_WINDOW_MIN` (1...10000, default 8): so many tasks of a kind and priority may be offered to workers
    ///   at once, however few slots there are; four for each slot may be, if that is more. The smaller, the sooner it
    ///   is another tenant's turn; too small, and workers wait for the dispatcher, which looks 25 times a second. Tasks
    ///   that do nothing have 256 at least.
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
        let deathsMax = faults.collect {
            try settings.integer("TASK_DEATHS_MAX", in: 1...100, default: RetryPolicy.standard.deathsMax)
        }
        let retryBudget = faults.collect { try Self.retryBudget(settings) }
        let hintsMin = faults.collect {
            try settings.integer("DISPATCH_WINDOW_MIN", in: 1...10_000, default: DispatchWindow.standard.hintsMin)
        }
        let backends = faults.collect { try Backends(settings, program: "studio-api") }
        guard let roles, let host, let port, let apiKey, let deathsMax, let retryBudget, let hintsMin, var backends
        else { throw faults }
        backends.database.checkoutTimeout = Self.checkoutTimeout
        self.roles = roles
        http = try APIConfiguration(host: host, port: port, apiKey: apiKey)
        self.backends = backends
        var retryPolicy = RetryPolicy.standard
        retryPolicy.deathsMax = deathsMax
        self.retryPolicy = retryPolicy
        self.retryBudget = retryBudget
        var dispatchWindow = DispatchWindow.standard
        dispatchWindow.hintsMin = hintsMin
        self.dispatchWindow = dispatchWindow
    }

    private static func retryBudget(_ settings: Settings) throws -> RetryBudget {
        var budget = RetryBudget.standard
        var faults = SettingFaults()
        let percent = faults.collect {
            try settings.integer("RETRY_BUDGET_PERCENT", in: 0...100, default: budget.percent)
        }
        let retriesMin = faults.collect {
            try settings.integer("RETRY_BUDGET_MIN", in: 1...1_000_000, default: budget.retriesMin)
        }
        guard let percent, let retriesMin else { throw faults }
        budget.percent = percent
        budget.retriesMin = retriesMin
        return budget
    }

    /// What was resolved, by variable, without secrets.
    var summary: [(variable: String, value: String)] {
        [
            ("roles", roles.map(\.rawValue).sorted().joined(separator: ",")), ("HTTP_HOST", http.host),
            ("HTTP_PORT", "\(http.port)"), ("TASK_DEATHS_MAX", "\(retryPolicy.deathsMax)"),
            ("RETRY_BUDGET_PERCENT", "\(retryBudget.percent)"), ("RETRY_BUDGET_MIN", "\(retryBudget.retriesMin)"),
            ("DISPATCH_WINDOW_MIN", "\(dispatchWindow.hintsMin)"),
            ("API_KEY", Settings.setSecret),
        ] + backends.summary
    }
}
