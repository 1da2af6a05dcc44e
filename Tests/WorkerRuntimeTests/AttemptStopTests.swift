import AMQP
import StudioCore
import StudioProto
import Testing

@testable import WorkerRuntime

@Suite struct AttemptStopTests {
    @Test func `a canceled attempt stops its executor and says so`() async throws {
        let bench = try Bench(executor: FakeExecutor.endless)
        try await bench.run {
            async let disposition = bench.deliver()
            try await bench.running()
            bench.attempts.stop([bench.name], .canceled)
            #expect(await disposition == .accept)
            #expect(bench.publisher.results == [.canceled(WireCanceled())])
            #expect(bench.attemptDirectories.isEmpty)
        }
    }

    @Test func `an executor that does not stop is reported without, after its grace, and keeps its slot`()
        async throws
    {
        let isFree = Box(false)
        let bench = try Bench(
            executor: FakeExecutor { _, _ in
                while !isFree.value { await Task.yield() }
                return []
            })
        try await bench.run {
            // Whatever fails, the executor must not spin on.
            defer { isFree.value = true }
            async let disposition = bench.deliver()
            try await bench.running()
            bench.attempts.stop([bench.name], .canceled)
            try await eventually("the grace period runs") { bench.clock.deadlines == [AttemptRunner.stopGrace] }
            #expect(bench.publisher.taken.isEmpty)
            bench.clock.advance(by: AttemptRunner.stopGrace)
            try await eventually("canceled is reported") {
                bench.publisher.results == [.canceled(WireCanceled())]
            }
            #expect(bench.attempts.count == 1)
            isFree.value = true
            #expect(await disposition == .accept)
            #expect(bench.publisher.taken.count == 1)
        }
    }

    @Test func `an attempt whose lease is lost stops and says nothing`() async throws {
        let bench = try Bench(executor: FakeExecutor.endless)
        try await bench.run {
            async let disposition = bench.deliver()
            try await bench.running()
            bench.attempts.stop([bench.name], .leaseLost)
            #expect(await disposition == .accept)
            #expect(bench.publisher.tries == 0)
            #expect(bench.attemptDirectories.isEmpty)
        }
    }

    @Test func `without the hub an attempt goes on until four fifths of its lease, and no longer`() async throws {
        let bench = try Bench(executor: FakeExecutor.endless)
        try await bench.run {
            async let disposition = bench.deliver()
            try await bench.running()
            bench.clock.advance(by: .milliseconds(7_999))
            #expect(bench.attempts.count == 1)
            #expect(bench.clock.deadlines.first == .seconds(8))
            bench.clock.advance(by: .milliseconds(1))
            #expect(await disposition == .accept)
            #expect(bench.publisher.tries == 0)
        }
    }

    @Test func `a renewed lease is believed longer`() async throws {
        let bench = try Bench(executor: FakeExecutor.endless)
        try await bench.run {
            async let disposition = bench.deliver()
            try await bench.running()
            bench.clock.advance(by: .seconds(4))
            #expect(bench.attempts.heartbeat(at: bench.clock.now) != nil)
            bench.attempts.renewed([bench.name])
            bench.clock.advance(by: .seconds(4))
            try await eventually("the lease is watched on") { bench.clock.deadlines.contains(.seconds(12)) }
            #expect(bench.attempts.count == 1)
            bench.clock.advance(by: .seconds(4))
            #expect(await disposition == .accept)
            #expect(bench.publisher.tries == 0)
        }
    }

    @Test func `an attempt that takes longer than its limit fails, to be tried again`() async throws {
        let bench = try Bench(executor: FakeExecutor.endless)
        try await bench.run {
            async let disposition = bench.deliver()
            try await bench.running()
            while bench.clock.now < Bench.limit {
                _ = bench.attempts.heartbeat(at: bench.clock.now)
                bench.attempts.renewed([bench.name])
                bench.clock.advance(by: .seconds(1))
                let next = min(bench.clock.now + .seconds(7), Bench.limit)
                try await eventually("the watch has seen the renewal") {
                    bench.attempts.count == 0 || bench.clock.now >= Bench.limit
                        || bench.clock.deadlines.contains { $0 >= next || $0 == Bench.limit }
                }
            }
            #expect(await disposition == .accept)
            #expect(bench.publisher.taken.first?.failed.code == "time_limit")
        }
    }

    @Test func `a hint for an attempt that runs here already is dropped`() async throws {
        let bench = try Bench(executor: FakeExecutor.endless)
        try await bench.run {
            async let first = bench.deliver()
            try await bench.running()
            #expect(await bench.deliver() == .accept)
            bench.attempts.stop([bench.name], .leaseLost)
            #expect(await first == .accept)
        }
    }

    @Test func `progress reaches the heartbeat`() async throws {
        let bench = try Bench(
            executor: FakeExecutor { _, report in
                report(phase: "sampling", done: 3, total: 20, unit: "steps")
                try await Task.sleep(for: .seconds(3_600))
                return []
            })
        try await bench.run {
            async let disposition = bench.deliver()
            try await eventually("the heartbeat says so") {
                defer { bench.attempts.renewed([]) }
                return bench.attempts.heartbeat(at: .zero)?[bench.name]
                    == Progress(phase: "sampling", done: 3, total: 20, unit: "steps")
            }
            bench.attempts.stop([bench.name], .leaseLost)
            _ = await disposition
        }
    }
}
