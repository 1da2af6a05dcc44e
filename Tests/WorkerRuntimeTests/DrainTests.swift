import AMQP
import Logging
import ServiceLifecycle
import StudioCore
import StudioProto
import Testing

@testable import WorkerRuntime

/// A consumer with one delivery, which keeps the promise of the real one: it ends when it is told to and all is
/// handled.
private struct OneDelivery: Service {
    let delivery: Delivery
    let handle: @Sendable (Delivery) async -> Disposition
    let settled: @Sendable (Disposition) -> Void

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { settled(await handle(delivery)) }
            group.addTask { try? await gracefulShutdown() }
            try await group.waitForAll()
        }
    }
}

@Suite struct DrainTests {
    /// Runs an intake service with one delivery, and `body` beside it; answers how the delivery was settled.
    private func drain(
        _ bench: Bench, releaseSlot: @escaping @Sendable () -> Bool = { false },
        _ body: @escaping @Sendable (_ shutDown: @escaping @Sendable () async -> Void) async throws -> Void
    ) async throws -> [Disposition] {
        let settled = Settled()
        let consumer = OneDelivery(
            delivery: bench.hint(), handle: { await bench.intake.handle($0, releaseSlot: releaseSlot) },
            settled: { settled.add($0) })
        let service = IntakeService(intake: bench.intake, consumers: [consumer])
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: bench.intake.runner.logger))
        try await bench.run {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                tasks.addTask { try await body { await group.triggerGracefulShutdown() } }
                try await tasks.waitForAll()
            }
        }
        return settled.all
    }

    @Test func `what runs may finish within the grace period`() async throws {
        let (release, releases) = AsyncStream.makeStream(of: Void.self)
        let bench = try Bench(
            executor: FakeExecutor { assignment, _ in
                for await _ in release { break }
                return try assignment.makeOutputs()
            })
        let settled = try await drain(bench) { shutDown in
            try await bench.running()
            await shutDown()
            try await eventually("no new work is taken") { bench.attempts.isDraining }
            #expect(await bench.intake.handle(bench.hint(TaskID())) == .handBack)
            releases.yield()
        }
        #expect(settled == [.accept])
        #expect(bench.publisher.taken.first?.completed.artifacts.count == 1)
    }

    @Test func `an upload whose slot was given away is seen through too`() async throws {
        let bench = try Bench()
        bench.transfers.hold(true)
        let released = Box(false)
        let release: @Sendable () -> Bool = {
            released.value = true
            return true
        }
        let settled = try await drain(bench, releaseSlot: release) { shutDown in
            try await eventually("the slot is given away") { released.value }
            await shutDown()
            try await eventually("no new work is taken") { bench.attempts.isDraining }
            #expect(bench.publisher.tries == 0)
            bench.transfers.hold(false)
        }
        #expect(settled == [.accept])
        #expect(bench.publisher.taken.first?.completed.artifacts.count == 1)
    }

    @Test func `what does not finish within the grace period is handed back`() async throws {
        let bench = try Bench(executor: FakeExecutor.endless)
        let settled = try await drain(bench) { shutDown in
            try await bench.running()
            await shutDown()
            try await eventually("the grace period runs") { bench.clock.deadlines.contains(.seconds(25)) }
            while bench.clock.now < .seconds(25) {
                _ = bench.attempts.heartbeat(at: bench.clock.now)
                bench.attempts.renewed([bench.name])
                bench.clock.advance(by: .seconds(5))
                try await eventually("the lease is watched on") {
                    bench.attempts.count == 0
                        || bench.clock.deadlines.contains { $0 > bench.clock.now && $0 < Bench.limit }
                }
            }
        }
        #expect(settled == [.accept])
        #expect(bench.publisher.results == [.handedBack(WireHandedBack())])
    }

    @Test func `a report that the broker does not take is left for the next start`() async throws {
        let bench = try Bench()
        bench.publisher.become(.away)
        let settled = try await drain(bench) { shutDown in
            try await eventually("a publish failed") { bench.publisher.tries > 0 }
            await shutDown()
            try await bench.advancing(until: "the worker gives up waiting") { bench.attempts.count == 0 }
            #expect(bench.spooled == ["\(bench.name).report"])
        }
        #expect(settled == [.requeue])
    }

    @Test func `the hub's drain lets what runs finish and then ends the intake`() async throws {
        let (release, releases) = AsyncStream.makeStream(of: Void.self)
        let bench = try Bench(
            executor: FakeExecutor { assignment, _ in
                for await _ in release { break }
                return try assignment.makeOutputs()
            })
        let settled = try await drain(bench) { _ in
            try await bench.running()
            bench.attempts.drain()
            releases.yield()
        }
        #expect(settled == [.accept])
    }
}
