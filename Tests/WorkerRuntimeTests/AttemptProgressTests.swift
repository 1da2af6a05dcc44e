import AMQP
import StudioCore
import StudioProto
import Testing

@testable import WorkerRuntime

@Suite struct AttemptProgressTests {
    /// Longer than everything else: leases are not what is tested here.
    private static let lease: Duration = .seconds(1_000)

    @Test func `an executor is stopped that says nothing new for too long, however often it says the old`()
        async throws
    {
        let step = Box(0)
        let bench = try Bench(
            executor: FakeExecutor(promise: .steady) { _, report in
                while true {
                    report(phase: "sampling", done: step.value, total: 20, unit: "steps")
                    try await Task.sleep(for: .milliseconds(1))
                }
            }, lease: Self.lease)
        try await bench.run {
            async let disposition = bench.deliver()
            try await eventually("silence is listened for") {
                bench.clock.deadlines.contains(Bench.noProgressLimit)
            }
            for number in 1...4 {
                step.value = number
                try await bench.says("sampling", done: number)
                bench.clock.advance(by: .seconds(15))
            }
            step.value = 5
            try await bench.says("sampling", done: 5)
            #expect(bench.publisher.tries == 0)
            let silentAt = bench.clock.now + Bench.noProgressLimit
            try await eventually("silence is listened for anew") { bench.clock.deadlines.contains { $0 <= silentAt } }
            try await bench.advancing(until: "the attempt has failed") { !bench.publisher.taken.isEmpty }
            #expect(await disposition == .accept)
            let failed = try #require(bench.publisher.taken.first?.failed)
            #expect(failed.code == "no_progress" && failed.errorClass == "temporary")
            #expect(failed.detail.contains("20.0 s"))
            #expect(bench.clock.now >= silentAt)
        }
    }

    @Test func `an executor that hangs for good is reported without`() async throws {
        let isFree = Box(false)
        let bench = try Bench(
            executor: FakeExecutor(promise: .steady) { _, _ in
                while !isFree.value { await Task.yield() }
                return []
            }, lease: Self.lease)
        try await bench.run {
            // Whatever fails, the executor must not spin on.
            defer { isFree.value = true }
            async let disposition = bench.deliver()
            try await eventually("silence is listened for") {
                bench.clock.deadlines.contains(Bench.noProgressLimit)
            }
            bench.clock.advance(by: Bench.noProgressLimit)
            let graceEnd = Bench.noProgressLimit + AttemptRunner.stopGrace
            try await eventually("the grace period runs") { bench.clock.deadlines.contains(graceEnd) }
            #expect(bench.publisher.taken.isEmpty)
            bench.clock.advance(by: AttemptRunner.stopGrace)
            try await eventually("the failure is reported") {
                bench.publisher.taken.first?.failed.code == "no_progress"
            }
            isFree.value = true
            #expect(await disposition == .accept)
        }
    }

    @Test func `an executor that reports no progress may be silent`() async throws {
        let (steps, step) = AsyncStream.makeStream(of: Void.self)
        let bench = try Bench(
            executor: FakeExecutor { assignment, report in
                report(phase: "sampling", done: 0, total: 0, unit: "")
                for await _ in steps { break }
                try Task.checkCancellation()
                return try assignment.makeOutputs()
            }, lease: Self.lease)
        try await bench.run {
            defer { step.finish() }
            async let disposition = bench.deliver()
            try await bench.says("sampling")
            #expect(bench.clock.deadlines == [Bench.limit, Self.lease * AttemptLedger.leaseShare])
            bench.clock.advance(by: Bench.noProgressLimit * 2)
            step.yield()
            #expect(await disposition == .accept)
            #expect(bench.publisher.taken.first?.completed.artifacts.count == 1)
        }
    }

    @Test func `an executor that need not report is stopped when it has begun to and then says nothing`() async throws {
        let (words, word) = AsyncStream.makeStream(of: Void.self)
        let bench = try Bench(
            executor: FakeExecutor(promise: .onceBegun) { _, report in
                for await _ in words { report(phase: "sampling", done: 1, total: 2, unit: "steps") }
                try Task.checkCancellation()
                return []
            }, lease: Self.lease)
        try await bench.run {
            defer { word.finish() }
            async let disposition = bench.deliver()
            try await eventually("it is listened to") { bench.clock.deadlines.contains(Bench.noProgressLimit) }
            bench.clock.advance(by: Bench.noProgressLimit)
            try await eventually("its silence means nothing") {
                bench.clock.deadlines.contains(Bench.noProgressLimit * 2)
            }
            word.yield()
            try await bench.says("sampling", done: 1)
            try await bench.advancing(until: "the attempt has failed") { !bench.publisher.taken.isEmpty }
            #expect(await disposition == .accept)
            #expect(bench.publisher.taken.first?.failed.code == "no_progress")
            #expect(bench.clock.now >= Bench.noProgressLimit * 2)
        }
    }

    @Test func `an upload may take its time`() async throws {
        let bench = try Bench(
            executor: FakeExecutor(promise: .steady) { assignment, _ in try assignment.makeOutputs() },
            lease: Self.lease)
        bench.transfers.hold(true)
        try await bench.run {
            async let disposition = bench.deliver()
            try await bench.says("uploading")
            try await eventually("nobody listens for silence") {
                bench.clock.deadlines == [Bench.limit, Self.lease * AttemptLedger.leaseShare]
            }
            bench.transfers.hold(false)
            #expect(await disposition == .accept)
            #expect(bench.publisher.taken.first?.completed.artifacts.count == 1)
        }
    }

    @Test func `the time in which an executor loads its model is told, as a part of its computing`() async throws {
        let (steps, step) = AsyncStream.makeStream(of: Void.self)
        let bench = try Bench(
            executor: FakeExecutor { assignment, report in
                var steps = steps.makeAsyncIterator()
                report(phase: Progress.loadingModel, done: 0, total: 1, unit: "models")
                await steps.next()
                report(phase: "sampling", done: 0, total: 1, unit: "steps")
                await steps.next()
                return try assignment.makeOutputs()
            })
        try await bench.run {
            defer { step.finish() }
            async let disposition = bench.deliver()
            try await bench.says("loading_model")
            bench.clock.advance(by: .seconds(3))
            step.yield()
            try await bench.says("sampling")
            bench.clock.advance(by: .seconds(2))
            step.yield()
            #expect(await disposition == .accept)
            let times = try #require(bench.publisher.taken.first?.times)
            #expect(times.loadSeconds == 3 && times.computeSeconds == 5)
        }
    }

    @Test func `a load that is reported again goes on, and a second one is added`() {
        let clock = FakeClock()
        let stopwatch = Stopwatch(clock)
        for isLoading in [true, true, false, false, true, false] {
            stopwatch.noteLoading(isLoading)
            clock.advance(by: .seconds(1))
        }
        #expect(stopwatch.times.load == .seconds(3))
    }
}
