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
    /// A delay that is asked for, by a provider's `Retry-After` or a failure signature, is believed up to this, in
    /// seconds.
    package var retryAfterMaxSeconds: Double
    /// A delay that is asked for gets longer by up to this share of it, by chance, 0 or more.
    ///
    /// What failed together does not come back together.
    package var retryAfterSpread = 1.0
    /// What a rate limit asks for that names no time, in seconds.
    package var rateLimitSeconds = 60.0
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
    ///   - jitter: 0 ..< 1, spreads tasks that failed together: over the upper half of a delay of our own, and over
    ///     ``retryAfterSpread`` behind one that is asked for.
    package func decide(_ failure: TaskFailure, attempt: Int, attemptsMax: Int, jitter: Double) -> Decision {
        guard attempt < attemptsMax else { return .fail }
        switch failure.errorClass {
        case .userError, .billing, .poison, .canceled, .fenced: return .fail
        case .rateLimit, .temporary, .resource: break
        }
        let unnamed = failure.errorClass == .rateLimit ? rateLimitSeconds : nil
        if let asked = failure.retryAfterSeconds ?? unnamed {
            return .retry(afterSeconds: min(max(0, asked), retryAfterMaxSeconds) * (1 + retryAfterSpread * jitter))
        }
        let doublings = Double(min(max(0, attempt - 1), 30))
        var delay = firstDelaySeconds
        for _ in 0..<Int(doublings) where delay < delayMaxSeconds { delay *= 2 }
        return .retry(afterSeconds: min(delay, delayMaxSeconds) * (0.5 + jitter / 2))
    }
}
