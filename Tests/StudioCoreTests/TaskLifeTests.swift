import Testing

@testable import StudioCore

/// A task between a dispatcher, failing workers and a user, with nothing but the pure rules to decide.
private struct TaskLife {
    private(set) var state = TaskState.blocked
    private(set) var attempts = 0
    private(set) var handBacks = 0
    let attemptsMax: Int
    private let policy = RetryPolicy.standard
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed)
        attemptsMax = generator.integer(1...10)
    }

    mutating func apply(_ event: TaskEvent) {
        guard let next = state.after(event) else { return }
        if event == .claim { attempts += 1 }
        if event == .handBack { handBacks += 1 }
        state = next
    }

    mutating func step() {
        switch state {
        case .blocked: apply(generator.once(in: 20) ? .skip : .release)
        case .queued, .retrying: apply(generator.once(in: 2) ? .dispatch : .claim)
        case .running, .canceling: work()
        case .paused: apply(.cancel)
        case .succeeded, .failed, .canceled, .skipped: break
        }
        if generator.once(in: 50) { apply(.cancel) }
    }

    private mutating func work() {
        switch generator.integer(1...10) {
        case 1: apply(.complete)
        case 2: apply(.handBack)
        case 3: apply(.confirmCancel)
        default: fail()
        }
    }

    private mutating func fail() {
        let classes = ErrorClass.allCases
        let failure = TaskFailure(classes[generator.integer(0...classes.count - 1)], code: "test", detail: "")
        let decision = policy.decide(
            failure, attempt: attempts, attemptsMax: attemptsMax, jitter: Double.random(in: 0..<1, using: &generator))
        apply(decision == .fail ? .fail : .retry)
    }
}

@Suite struct TaskLifeTests {
    @Test(arguments: Seeds.all)
    func `every task ends, after a bounded number of attempts`(seed: UInt64) {
        var reached = Set<TaskState>()
        for round in 0..<100 {
            var life = TaskLife(seed: seed &* 1_000 &+ UInt64(round))
            var steps = 0
            while !life.state.isTerminal, steps < 2_000 {
                life.step()
                steps += 1
            }
            #expect(life.state.isTerminal, "round \(round) is still \(life.state) after \(steps) steps")
            // Only what a worker gives back unharmed may be repeated beyond the limit.
            #expect(life.attempts - life.handBacks <= life.attemptsMax)
            reached.insert(life.state)
        }
        #expect(reached.isSuperset(of: [.succeeded, .failed, .canceled]))
    }
}
