import Synchronization

/// Listens for an executor that stands still: the same word said again is no progress.
final class ProgressWatch: Sendable {
    private struct State {
        var last: Progress?
        /// When something new was heard; nil when nothing was promised, and nothing was heard.
        var newsAt: Duration?
    }

    private let limit: Duration
    private let clock: any WorkerClock
    private let state: Mutex<State>

    /// Listens for silence as long as `limit`.
    ///
    /// - Parameter isPromised: listens from now on; otherwise from the first word.
    init(limit: Duration, isPromised: Bool, clock: any WorkerClock) {
        self.limit = limit
        self.clock = clock
        state = Mutex(State(newsAt: isPromised ? clock.now : nil))
    }

    func note(_ progress: Progress) {
        let now = clock.now
        state.withLock { state in
            guard progress != state.last else { return }
            state = State(last: progress, newsAt: now)
        }
    }

    /// Returns when nothing new was heard for as long as the limit; throws `CancellationError` when its task is
    /// canceled first.
    func silence() async throws {
        while true {
            let deadline = (state.withLock { $0.newsAt } ?? clock.now) + limit
            guard clock.now < deadline else { return }
            try await clock.sleep(until: deadline)
        }
    }
}
