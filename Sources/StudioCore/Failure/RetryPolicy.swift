/// Decides whether a failed attempt is followed by another one, and when.
package struct RetryPolicy: Sendable {
    /// What to do after a failed attempt.
    package enum Decision: Sendable, Hashable {
        case retry(afterSeconds: Double)
        case fail
    }

    /// The first delay after a temporary failure, in seconds; doubles with each attempt.
    package var firstDelaySeconds: Double
    /// No delay of our own is longer than this, in seconds.
    package var delayMaxSeconds: Double
    /// A provider's `Retry-After` is believed up to this, in seconds.
    package var retryAfterMaxSeconds: Double
    /// A task is set aside as poison when so many workers have died with it, one after the other.
    package var deathsMax: Int

    package static let standard = RetryPolicy(firstDelaySeconds: 1, delayMaxSeconds: 300, retryAfterMaxSeconds: 3600)

    package init(
        firstDelaySeconds: Double, delayMaxSeconds: Double, retryAfterMaxSeconds: Double, deathsMax: Int = 2
    ) {
        self.firstDelaySeconds = firstDelaySeconds
        self.delayMaxSeconds = delayMaxSeconds
        self.retryAfterMaxSeconds = retryAfterMaxSeconds
        self.deathsMax = deathsMax
    }

    /// Decides for the attempt that just ended.
    ///
    /// - Parameters:
    ///   - attempt: the attempt's number, from 1.
    ///   - attemptsMax: how many attempts the task has in all.
    ///   - jitter: 0 ..< 1, spreads the delays of tasks that failed together over the upper half of the delay.
    package func decide(_ failure: TaskFailure, attempt: Int, attemptsMax: Int, jitter: Double) -> Decision {
        guard attempt < attemptsMax else { return .fail }
        switch failure.errorClass {
        case .userError, .billing, .poison, .canceled, .fenced: return .fail
        case .rateLimit, .temporary, .resource: break
        }
        if let asked = failure.retryAfterSeconds {
            return .retry(afterSeconds: min(max(0, asked), retryAfterMaxSeconds))
        }
        let doublings = Double(min(max(0, attempt - 1), 30))
        var delay = firstDelaySeconds
        for _ in 0..<Int(doublings) where delay < delayMaxSeconds { delay *= 2 }
        return .retry(afterSeconds: min(delay, delayMaxSeconds) * (0.5 + jitter / 2))
    }
}
