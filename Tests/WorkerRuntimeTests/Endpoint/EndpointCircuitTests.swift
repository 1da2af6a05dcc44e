import AMQP
import Logging
import StudioCore
import StudioProto
import Testing

@testable import WorkerRuntime

@Suite struct EndpointCircuitTests {
    private static let down = FailureSymptom(.mock, condition: .unreachable, text: "nobody there")
    /// Without jitter a pause is half of what it may be.
    private static let firstPause = CircuitPolicy().firstPause / 2

    /// A bench whose hub grants a new task each time.
    private static func bench(_ executor: FakeExecutor) throws -> Bench {
        let bench = try Bench(executor: executor)
        bench.hub.answerClaims { task, _ in
            .granted(
                Grant(
                    name: AttemptName(task: task, attempt: 1), lease: Bench.lease, token: "token",
                    spec: .success(.noise), inputs: [], limit: Bench.limit))
        }
        return bench
    }

    private static func deliver(_ bench: Bench) async -> Disposition { await bench.intake.handle(bench.hint(TaskID())) }

    /// Runs `body` beside the circuit and the spool.
    private static func run(_ bench: Bench, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await bench.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await bench.circuit.run() }
                defer { group.cancelAll() }
                try await body()
            }
        }
    }

    @Test func `a worker whose endpoint is down hands hints back, tries one in time, and goes on when it works`()
        async throws
    {
        let isDown = Box(true)
        let bench = try Self.bench(
            FakeExecutor { assignment, _ in
                if isDown.value { throw Self.down }
                return try assignment.makeOutputs()
            })
        let changes = Box<[Bool]>([])
        bench.circuit.onChange { takesWork in changes.change { $0.append(takesWork) } }
        try await Self.run(bench) {
            for _ in 0..<3 { #expect(await Self.deliver(bench) == .accept) }
            let failed = bench.publisher.taken.map(\.failed)
            #expect(failed.map(\.errorClass) == Array(repeating: ErrorClass.temporary.rawValue, count: 3))
            #expect(failed.allSatisfy { $0.code == "endpoint_down" && $0.retryAfterSeconds == 30 })
            #expect(changes.value == [false])
            #expect(bench.circuit.problem == "bench is down: endpoint_down")

            // What has arrived goes back, and costs nobody an attempt.
            #expect(await Self.deliver(bench) == .handBack)
            #expect(bench.hub.claimCalls == 3)

            try await eventually("the pause is waited for") { bench.clock.deadlines == [Self.firstPause] }
            bench.clock.advance(by: Self.firstPause)
            try await eventually("it is half open") { changes.value == [false, true] }
            #expect(await Self.deliver(bench) == .accept)
            #expect(bench.hub.claimCalls == 4)
            #expect(await Self.deliver(bench) == .handBack, "the probe has failed")

            try await eventually("a pause of twice the length is waited for") {
                bench.clock.deadlines == [Self.firstPause * 3]
            }
            isDown.value = false
            bench.clock.advance(by: Self.firstPause * 2)
            try await eventually("it is half open again") { changes.value.last == true }
            #expect(await Self.deliver(bench) == .accept)
            #expect(bench.circuit.problem == nil)
            #expect(await Self.deliver(bench) == .accept)
            #expect(bench.publisher.results.count == 6)
            #expect(changes.value.last == true)
        }
    }

    @Test func `while the probe runs nothing else is taken, and one that shows nothing is followed by another`()
        async throws
    {
        let isDown = Box(true)
        let bench = try Self.bench(
            FakeExecutor { _, _ in
                if isDown.value { throw Self.down }
                try await Task.sleep(for: .seconds(3_600))
                return []
            })
        try await Self.run(bench) {
            for _ in 0..<3 { _ = await Self.deliver(bench) }
            isDown.value = false
            try await eventually("the pause is waited for") { bench.clock.deadlines == [Self.firstPause] }
            bench.clock.advance(by: Self.firstPause)
            for _ in 0..<2 {
                try await eventually("it takes work") { bench.attempts.count == 0 && bench.circuit.canTake }
                async let probe = Self.deliver(bench)
                try await eventually("the probe runs") { bench.attempts.count == 1 }
                #expect(await Self.deliver(bench) == .handBack)
                bench.attempts.stop(bench.attempts.names, .canceled)
                #expect(await probe == .accept)
            }
            // A hint that is not granted has shown nothing either.
            bench.hub.answerClaims { _, _ in .held }
            for _ in 0..<2 { #expect(await Self.deliver(bench) == .accept) }
            #expect(bench.circuit.canTake)
            #expect(bench.circuit.problem != nil)
        }
    }

    @Test(arguments: [FailureSymptom(.chat, httpStatus: 400), FailureSymptom(.comfyui, text: "out of memory")])
    func `failures of which the table says nothing of the kind never open it`(symptom: FailureSymptom) async throws {
        let bench = try Self.bench(FakeExecutor { _, _ in throw symptom })
        try await bench.run {
            for _ in 0..<5 { #expect(await Self.deliver(bench) == .accept) }
            #expect(bench.circuit.problem == nil)
        }
    }

    @Test func `an executor's own verdict neither opens it nor counts as an answer`() async throws {
        let calls = Box(0)
        let bench = try Self.bench(
            FakeExecutor { _, _ in
                calls.change { $0 += 1 }
                // Two say down, one something else, and again.
                if calls.value % 3 == 0 { throw TaskFailure(.userError, code: "wrong_kind", detail: "") }
                throw Self.down
            })
        try await bench.run {
            for _ in 0..<3 { #expect(await Self.deliver(bench) == .accept) }
            #expect(bench.circuit.problem == nil)
            #expect(await Self.deliver(bench) == .accept)
            #expect(bench.circuit.problem != nil)
        }
    }

    @Test func `each change is logged once`() async throws {
        let (lines, clock) = (Box<[String]>([]), FakeClock())
        let circuit = EndpointCircuit(
            endpoint: "http://here", policy: CircuitPolicy(), clock: clock,
            logger: Logger(label: "circuit") { _ in LineRecorder(lines: lines) }, jitter: { 0 })
        let failure = TaskFailure(.temporary, code: "endpoint_down", detail: "")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await circuit.run() }
            defer { group.cancelAll() }
            for _ in 0..<5 { circuit.failed(failure) }
            try await eventually("the pause is waited for") { !clock.deadlines.isEmpty }
            clock.advance(by: Self.firstPause)
            try await eventually("it is half open") { circuit.canTake }
            for _ in 0..<2 { circuit.worked() }
        }
        #expect(
            lines.value == [
                "Endpoint is down: worker takes no work", "Endpoint is tried with one attempt",
                "Endpoint works again and worker takes work",
            ])
    }
}

extension EndpointCircuit {
    /// Whether it would admit an attempt; leaves everything as it is.
    fileprivate var canTake: Bool {
        guard let admission = admit() else { return false }
        withdraw(admission)
        return true
    }
}
