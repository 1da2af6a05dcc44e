/// Whether an endpoint may be used: pure, no clock, no chance.
struct CircuitBreaker: Sendable {
    enum State: Sendable, Hashable {
        /// In use; so many failures in a row say that it is down.
        case closed(failures: Int)
        /// Not used until then.
        case open(until: Duration)
        /// Tried with one attempt, once one comes.
        case halfOpen(probe: Admission?)
    }

    /// Leave to make one attempt.
    struct Admission: Sendable, Hashable {
        fileprivate let number: Int
    }

    private let policy: CircuitPolicy
    private(set) var state = State.closed(failures: 0)
    /// How often it has opened since the endpoint last worked.
    private(set) var openings = 0
    private var admissions = 0

    init(_ policy: CircuitPolicy) {
        self.policy = policy
    }

    /// Whether an attempt would be admitted.
    var takesWork: Bool {
        switch state {
        case .closed, .halfOpen(probe: nil): true
        case .open, .halfOpen: false
        }
    }

    /// Admits one attempt, or not; whoever has leave ends with ``withdraw(_:)``.
    mutating func admit() -> Admission? {
        guard takesWork else { return nil }
        admissions += 1
        let admission = Admission(number: admissions)
        if case .halfOpen = state { state = .halfOpen(probe: admission) }
        return admission
    }

    /// The attempt has ended, or never began: if it was the probe and has shown nothing, the next one is.
    mutating func withdraw(_ admission: Admission) {
        if state == .halfOpen(probe: admission) { state = .halfOpen(probe: nil) }
    }

    /// The endpoint has answered, whoever asked it.
    mutating func worked() {
        state = .closed(failures: 0)
        openings = 0
    }

    /// The endpoint was found to be down.
    ///
    /// - Parameter jitter: 0 ..< 1, spreads workers that lost the same endpoint over the upper half of the pause.
    mutating func failed(at now: Duration, jitter: Double) {
        switch state {
        case .open: break
        case .closed(let failures) where failures + 1 < policy.failuresMax: state = .closed(failures: failures + 1)
        case .closed, .halfOpen:
            var pause = min(policy.firstPause, policy.pauseMax)
            for _ in 0..<openings where pause < policy.pauseMax { pause = min(pause * 2, policy.pauseMax) }
            openings += 1
            state = .open(until: now + pause * (0.5 + jitter / 2))
        }
    }

    /// Lets time pass: an open circuit is half open once its pause is over.
    mutating func elapse(to now: Duration) {
        if case .open(let until) = state, now >= until { state = .halfOpen(probe: nil) }
    }
}
