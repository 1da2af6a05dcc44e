import Synchronization

/// Where the time of an attempt goes; may be read while the attempt still runs.
final class Stopwatch: Sendable {
    private struct State {
        var times = AttemptTimes()
        var loadingSince: Duration?
    }

    private let clock: any WorkerClock
    private let state = Mutex(State())

    init(_ clock: any WorkerClock) {
        self.clock = clock
    }

    var times: AttemptTimes { state.withLock { $0.times } }

    /// Adds the time that `body` takes to `part`, whether it succeeds or throws.
    func measure<Answer>(
        _ part: any WritableKeyPath<AttemptTimes, Duration> & Sendable, _ body: () async throws -> Answer
    ) async rethrows -> Answer {
        let start = clock.now
        defer { state.withLock { $0.times[keyPath: part] += clock.now - start } }
        return try await body()
    }

    /// Notes whether a model is being loaded from now on; the time until it is not any more is ``AttemptTimes/load``.
    func noteLoading(_ isLoading: Bool) {
        let now = clock.now
        state.withLock { state in
            if let since = state.loadingSince { state.times.load += now - since }
            state.loadingSince = isLoading ? now : nil
        }
    }
}
