import Synchronization

/// What runs on this worker, shared by those who run attempts and those who talk to the hub.
package final class RunningAttempts: Sendable {
    private struct State {
        var ledger = AttemptLedger()
        var stops: [AttemptName: AsyncStream<StopReason>.Continuation] = [:]
        /// Set once everything has to stop: also what a claim under way still brings.
        var stopsAll: StopReason?
        /// Whether the hub wants nothing new to be taken for now.
        var isHeld = false
        var onHold: @Sendable (Bool) -> Void = { _ in }
    }

    private let state = Mutex(State())
    private let drainRequests: AsyncStream<Void>
    private let drainRequest: AsyncStream<Void>.Continuation

    package init() {
        (drainRequests, drainRequest) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How many attempts run.
    package var count: Int { state.withLock { $0.ledger.entries.count } }

    /// The names of the attempts that run.
    package var names: Set<AttemptName> { state.withLock { Set($0.ledger.entries.keys) } }

    /// Whether no new work is taken.
    package var isDraining: Bool { state.withLock { $0.ledger.isDraining } }

    /// Takes an attempt in, until ``end(_:)``.
    ///
    /// - Parameter askedAt: when its claim was sent.
    /// - Returns: where the one request to stop arrives, if any; `nil` when that very attempt runs already, or has run
    ///   here.
    func begin(_ name: AttemptName, lease: Duration, askedAt: Duration) -> AsyncStream<StopReason>? {
        state.withLock { state in
            guard state.ledger.begin(name, lease: lease, askedAt: askedAt) else { return nil }
            let (stream, continuation) = AsyncStream.makeStream(
                of: StopReason.self, bufferingPolicy: .bufferingOldest(1))
            state.stops[name] = continuation
            if let reason = state.stopsAll { continuation.yield(reason) }
            return stream
        }
    }

    func end(_ name: AttemptName) {
        let continuation = state.withLock { state in
            state.ledger.end(name)
            return state.stops.removeValue(forKey: name)
        }
        continuation?.finish()
    }

    /// Notes that the broker has the attempt's report; heartbeats name it until the hub has written that.
    func noteReported(_ report: AttemptReport, at now: Duration) {
        state.withLock { $0.ledger.noteReported(report, at: now) }
    }

    /// The reports that are to be sent once more, as the hub has not written them.
    func overdueReports(at now: Duration) -> [AttemptReport] {
        state.withLock { $0.ledger.overdueReports(at: now) }
    }

    func note(_ progress: Progress, of name: AttemptName) {
        state.withLock { $0.ledger.note(progress, of: name) }
    }

    /// When `name` is to be given up unless its lease is renewed before; `nil` when it does not run.
    func giveUpTime(of name: AttemptName) -> Duration? {
        state.withLock { $0.ledger.entries[name]?.giveUpAt }
    }

    /// Asks attempts to stop; those that do not run here, or were asked before, are left alone.
    package func stop(_ names: some Sequence<AttemptName>, _ reason: StopReason) {
        let continuations = state.withLock { state in
            state.ledger.stop(names, reason).compactMap { state.stops[$0] }
        }
        for continuation in continuations { continuation.yield(reason) }
    }

    /// Asks everything to stop: what runs, and what begins from now on.
    package func stopAll(_ reason: StopReason) {
        state.withLock { $0.stopsAll = reason }
        stop(names, reason)
    }

    /// Whether the hub wants nothing new to be taken for now.
    package var isHeld: Bool { state.withLock { $0.isHeld } }

    /// Takes nothing new until told otherwise; what runs goes on.
    package func hold(_ isHeld: Bool) {
        let tell = state.withLock { state in
            state.isHeld = isHeld
            return state.onHold
        }
        tell(isHeld)
    }

    /// Has `react` told of each ``hold(_:)``; for one listener.
    func onHold(_ react: @escaping @Sendable (Bool) -> Void) {
        state.withLock { $0.onHold = react }
    }

    /// Takes in no more, and wakes whoever waits in ``drainRequested()``.
    package func drain() {
        state.withLock { $0.ledger.drain() }
        drainRequest.yield()
    }

    /// Returns when ``drain()`` was called, or when its task is canceled; for one waiter.
    func drainRequested() async {
        for await _ in drainRequests { return }
    }
}

// What the heartbeat stream needs.
extension RunningAttempts {
    func heartbeat(at now: Duration) -> [AttemptName: Progress]? {
        state.withLock { $0.ledger.heartbeat(at: now) }
    }

    func unansweredFor(at now: Duration) -> Duration? {
        state.withLock { $0.ledger.unansweredFor(at: now) }
    }

    func streamEnded() {
        state.withLock { $0.ledger.streamEnded() }
    }

    func renewed(_ names: [AttemptName]) {
        state.withLock { $0.ledger.renewed(names) }
    }
}
