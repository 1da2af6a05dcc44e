import StudioCore

/// Tells whether our own side was away of late, so that silence says nothing against the workers.
///
/// It was when nobody at all is heard of, when the database failed, or when it answered late: while it stood still
/// nobody could renew a lease, and the first who can makes the silence of all others look short.
package struct OutageWatch: Sendable {
    /// Longer than the pause between two heartbeats of a worker.
    package static let silenceMax = Duration.seconds(TaskLease.heartbeatSecondsMax + 2)
    /// How long workers may take to come back and renew their leases after an outage of ours.
    package static let returnTime = Duration.seconds(8)

    private var lastAnswer: ContinuousClock.Instant?
    private var quietUntil: ContinuousClock.Instant?

    package init() {}

    /// Notes that the database has answered, and for how long it has heard of no worker at all.
    package mutating func note(silence: Duration? = nil, at now: ContinuousClock.Instant = .now) {
        let pause = lastAnswer.map { now - $0 } ?? .zero
        if max(pause, silence ?? .zero) > Self.silenceMax { quietUntil = now + Self.returnTime }
        lastAnswer = now
    }

    /// Notes that the database has failed.
    package mutating func noteFailure(at now: ContinuousClock.Instant = .now) {
        quietUntil = now + Self.returnTime
        lastAnswer = now
    }

    /// Whether the workers have not had the time to come back yet.
    package func mustWait(at now: ContinuousClock.Instant = .now) -> Bool {
        quietUntil.map { now < $0 } ?? false
    }
}
