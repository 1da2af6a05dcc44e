import Testing

@testable import WorkerRuntime

@Suite struct CircuitBreakerTests {
    private static let policy = CircuitPolicy()

    /// One that has just opened for the first time, at time zero and for the shortest pause.
    private static func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker(policy)
        for _ in 0..<policy.failuresMax { breaker.failed(at: .zero, jitter: 0) }
        return breaker
    }

    private static func admission(_ breaker: inout CircuitBreaker) -> CircuitBreaker.Admission? { breaker.admit() }

    @Test func `it opens after three failures in a row, and not before`() {
        var breaker = CircuitBreaker(Self.policy)
        for failures in 1...2 {
            breaker.failed(at: .zero, jitter: 0)
            #expect(breaker.state == .closed(failures: failures))
            #expect(breaker.takesWork)
        }
        breaker.worked()
        for _ in 1...2 { breaker.failed(at: .zero, jitter: 0) }
        #expect(breaker.takesWork, "a success between them: these are two in a row")
        breaker.failed(at: .seconds(7), jitter: 0)
        #expect(breaker.state == .open(until: .seconds(12)))
        #expect(breaker.admit() == nil)
    }

    @Test func `its pause doubles up to the bound, and jitter shortens it by up to half`() {
        for (jitter, share) in [(0.0, 0.5), (0.5, 0.75), (0.999_999, 1)] {
            var breaker = CircuitBreaker(Self.policy)
            for _ in 1..<Self.policy.failuresMax { breaker.failed(at: .zero, jitter: jitter) }
            for seconds in [10.0, 20, 40, 80, 160, 300, 300, 300] {
                breaker.failed(at: .zero, jitter: jitter)
                guard case .open(let until) = breaker.state else {
                    Issue.record("not open")
                    return
                }
                #expect(abs(until.secondsValue - seconds * share) < 0.01)
                breaker.elapse(to: until - .nanoseconds(1))
                #expect(!breaker.takesWork)
                breaker.elapse(to: until)
                #expect(breaker.state == .halfOpen(probe: nil))
            }
        }
    }

    @Test func `half open it admits one attempt, whose end decides`() throws {
        var breaker = Self.opened()
        breaker.elapse(to: .seconds(5))
        let probe = try #require(Self.admission(&breaker))
        #expect(breaker.admit() == nil)
        var failed = breaker
        failed.failed(at: .seconds(6), jitter: 0)
        #expect(failed.state == .open(until: .seconds(16)))
        failed.withdraw(probe)
        #expect(failed.state == .open(until: .seconds(16)), "a probe that ended has no more say")
        breaker.worked()
        breaker.withdraw(probe)
        #expect(breaker.state == .closed(failures: 0))
        for _ in 0..<Self.policy.failuresMax { breaker.failed(at: .zero, jitter: 0) }
        #expect(breaker.state == .open(until: .seconds(5)), "the pause begins anew")
    }

    @Test func `a probe that shows nothing makes room for the next`() throws {
        var breaker = Self.opened()
        breaker.elapse(to: .seconds(5))
        let first = try #require(Self.admission(&breaker))
        breaker.withdraw(first)
        let second = try #require(Self.admission(&breaker))
        breaker.withdraw(first)
        #expect(breaker.admit() == nil, "only the probe itself makes room")
        breaker.withdraw(second)
        #expect(breaker.takesWork)
    }

    @Test func `whatever happens, it holds what it promises`() {
        for seed in 1...500 as ClosedRange<UInt64> {
            var dice = MockDice(seed, "circuit")
            var breaker = CircuitBreaker(Self.policy)
            var now = Duration.zero
            var admitted: [CircuitBreaker.Admission] = []
            var failuresInRow = 0
            for step in 0..<60 {
                let before = breaker.state
                switch Int.random(in: 0...4, using: &dice) {
                case 0:
                    let admission = breaker.admit()
                    switch before {
                    case .closed, .halfOpen(probe: nil): #expect(admission != nil, "seed \(seed), step \(step)")
                    case .open, .halfOpen: #expect(admission == nil, "seed \(seed), step \(step)")
                    }
                    if let admission { admitted.append(admission) }
                case 1: if !admitted.isEmpty { breaker.withdraw(admitted.removeFirst()) }
                case 2:
                    breaker.worked()
                    failuresInRow = 0
                    #expect(breaker.state == .closed(failures: 0), "seed \(seed), step \(step)")
                case 3:
                    breaker.failed(at: now, jitter: dice.unit())
                    failuresInRow += 1
                    if case .open(let until) = breaker.state {
                        #expect(until <= now + Self.policy.pauseMax, "seed \(seed), step \(step)")
                    }
                default:
                    now += .seconds(dice.number(0...40))
                    breaker.elapse(to: now)
                }
                // It is closed exactly as long as fewer than the limit have failed since the last success.
                let isClosed = if case .closed = breaker.state { true } else { false }
                #expect(isClosed == (failuresInRow < Self.policy.failuresMax), "seed \(seed), step \(step)")
            }
            // It never stays shut: once the probe has ended and the pause is over, it takes work.
            for admission in admitted { breaker.withdraw(admission) }
            breaker.elapse(to: now + Self.policy.pauseMax)
            #expect(breaker.takesWork, "seed \(seed)")
        }
    }
}
