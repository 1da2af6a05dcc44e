import Synchronization

/// Where the time of an attempt goes; may be read while the attempt still runs.
final class Stopwatch: Sendable {
    private let clock: any WorkerClock
    private let state = Mutex(AttemptTimes())

    init(_ clock: any WorkerClock) {
        self.clock = clock
    }

    var times: AttemptTimes { state.withLock { $0 } }

    /// Adds the time that `body` takes to `part`, whether it succeeds or throws.
    func measure<Answer>(
        _ part: any WritableKeyPath<AttemptTimes, Duration> & Sendable, _ body: () async throws -> Answer
    ) async rethrows -> Answer {
        let start = clock.now
        defer { state.withLock { $0[keyPath: part] += clock.now - start } }
        return try await body()
    }
}
