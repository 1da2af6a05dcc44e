import Logging
import ServiceLifecycle
import StudioCore
import Synchronization

/// Keeps a worker from using an endpoint that is down: every attempt would fail, and cost its task an attempt.
final class EndpointCircuit: Service {
    private struct State {
        var breaker: CircuitBreaker
        /// What the last failure said.
        var problem = ""
        var listener: (@Sendable (_ takesWork: Bool) -> Void)?
    }

    /// A URL or a program, never a secret.
    private let endpoint: String
    private let clock: any WorkerClock
    private let logger: Logger
    private let jitter: @Sendable () -> Double
    private let state: Mutex<State>
    private let openings: AsyncStream<Void>
    private let opening: AsyncStream<Void>.Continuation

    /// - Parameter jitter: answers 0 ..< 1.
    init(
        endpoint: String, policy: CircuitPolicy, clock: any WorkerClock, logger: Logger,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.endpoint = endpoint
        self.clock = clock
        self.logger = logger
        self.jitter = jitter
        state = Mutex(State(breaker: CircuitBreaker(policy)))
        (openings, opening) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        WorkerMetrics.recordCircuit(.closed(failures: 0), endpoint: endpoint)
    }

    /// What is wrong; nil while the endpoint is used.
    var problem: String? {
        state.withLock { state in
            if case .closed = state.breaker.state { return nil }
            return "\(endpoint) is down: \(state.problem)"
        }
    }

    /// Has `listener` told whenever attempts begin or cease to be admitted, in this order.
    func onChange(_ listener: @escaping @Sendable (_ takesWork: Bool) -> Void) {
        state.withLock { $0.listener = listener }
    }

    /// Admits one attempt, or not; whoever has leave ends with ``withdraw(_:)``.
    func admit() -> CircuitBreaker.Admission? { change { $0.admit() } }

    /// The attempt has ended, or never began.
    func withdraw(_ admission: CircuitBreaker.Admission) { change { $0.withdraw(admission) } }

    /// The endpoint has answered.
    func worked() { change { $0.worked() } }

    /// The endpoint was found to be down.
    func failed(_ failure: TaskFailure) {
        state.withLock { $0.problem = failure.code }
        change { $0.failed(at: clock.now, jitter: jitter()) }
    }

    /// Lets pauses end until shut down.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in self.openings {
                while let until = self.openUntil, (try? await self.clock.sleep(until: until)) != nil {
                    self.change { $0.elapse(to: self.clock.now) }
                }
            }
        }
    }

    private var openUntil: Duration? {
        guard case .open(let until) = state.withLock({ $0.breaker.state }) else { return nil }
        return until
    }

    private func change<Answer>(_ body: (inout CircuitBreaker) -> Answer) -> Answer {
        state.withLock { state in
            let before = state.breaker
            let answer = body(&state.breaker)
            tell(before.state, state.breaker, problem: state.problem)
            // Under the lock, so that the last word it hears is the last state.
            if before.takesWork != state.breaker.takesWork { state.listener?(state.breaker.takesWork) }
            return answer
        }
    }

    private func tell(_ before: CircuitBreaker.State, _ breaker: CircuitBreaker, problem: String) {
        let metadata: Logger.Metadata = ["endpoint": "\(endpoint)"]
        switch (before, breaker.state) {
        case (.open, .open), (.closed, .closed), (.halfOpen, .halfOpen): return
        case (_, .open(let until)):
            let more: Logger.Metadata = [
                "problem": "\(problem)", "pause_s": "\((until - clock.now).secondsValue)",
                "openings": "\(breaker.openings)",
            ]
            logger.error("Endpoint is down: worker takes no work", metadata: metadata.merging(more) { $1 })
            WorkerMetrics.countCircuitOpening(endpoint: endpoint)
            opening.yield()
        case (_, .halfOpen): logger.notice("Endpoint is tried with one attempt", metadata: metadata)
        case (_, .closed): logger.notice("Endpoint works again and worker takes work", metadata: metadata)
        }
        WorkerMetrics.recordCircuit(breaker.state, endpoint: endpoint)
    }
}
