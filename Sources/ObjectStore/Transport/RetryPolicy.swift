/// How often a transient failure is tried again, and how long to wait in between.
package struct RetryPolicy: Sendable {
    /// Tries in all, the first one included.
    package let attempts: Int
    /// The wait before the second try, doubled for each one after it.
    package let base: Duration
    /// The longest wait.
    package let cap: Duration

    /// - Parameter attempts: 1 or more.
    package init(attempts: Int = 5, base: Duration = .milliseconds(100), cap: Duration = .seconds(5)) {
        precondition(attempts >= 1, "a request is tried at least once")
        self.attempts = attempts
        self.base = base
        self.cap = cap
    }

    package static let standard = RetryPolicy()
    package static let once = RetryPolicy(attempts: 1)

    /// The wait after `failures` failures in a row: half of it fixed, half of it by chance.
    ///
    /// - Parameter chance: 0 ..< 1.
    package func delay(after failures: Int, chance: Double = .random(in: 0..<1)) -> Duration {
        let doublings = min(max(failures - 1, 0), 20)
        let full = min(base * (1 << doublings), cap)
        return full / 2 + full / 2 * chance
    }

    /// Runs `operation` until it succeeds, fails for good, or the tries are spent.
    ///
    /// - Parameter operation: is told the number of the try, from 1.
    func run<Value>(
        logging log: TransferLog, _ operation: (_ attempt: Int) async throws -> Value
    ) async throws -> Value {
        var attempt = 1
        while true {
            do {
                return try await operation(attempt)
            } catch let error as ObjectStoreError where error.isTransient && attempt < attempts {
                let delay = max(delay(after: attempt), error.retryAfter ?? .zero)
                log.retrying(after: error, attempt: attempt, delay: delay)
                try await ContinuousClock().sleep(for: delay)
                attempt += 1
            }
        }
    }
}
