/// What the pool remembers of a time without connections, and what it says of it: pure, so that it can be tested alone.
///
/// Every caller fails on its own, and says so; of the outage itself one line is enough when it begins, one now and then
/// while it lasts, and one when it has ended.
struct PoolOutage {
    /// How often a lasting outage is told.
    static let tellInterval = Duration.seconds(30)
    /// How long a refusal of the server answers for those who come later, before one of them tries again.
    static let refusalReuse = Duration.seconds(1)

    enum Word: Equatable {
        case began
        case lasts
        /// The server is there and refuses us: nothing heals until somebody changes something.
        case refused
    }

    private var began: ContinuousClock.Instant?
    private var told: ContinuousClock.Instant?
    private var refusal: (error: PostgresError, until: ContinuousClock.Instant)?
    private var isRefused = false

    /// Notes that nobody could connect; answers what to say, if anything.
    mutating func failed(_ error: PostgresError, at now: ContinuousClock.Instant) -> Word? {
        let wasRefused = isRefused
        let isNew = began == nil
        isRefused = error.isRefusal
        refusal = isRefused ? (error, now + Self.refusalReuse) : nil
        if isNew { began = now }
        if isRefused, wasRefused { return nil }
        if !isNew, isRefused == wasRefused, let told, now - told < Self.tellInterval { return nil }
        told = now
        if isRefused { return .refused }
        return isNew ? .began : .lasts
    }

    /// Notes a connection; answers how long there was none, when that was told.
    mutating func ended(at now: ContinuousClock.Instant) -> Duration? {
        defer { self = PoolOutage() }
        return began.map { now - $0 }
    }

    /// What the server said a moment ago, as long as there is no sense in asking again.
    func standingRefusal(at now: ContinuousClock.Instant) -> PostgresError? {
        refusal.flatMap { now < $0.until ? $0.error : nil }
    }
}
