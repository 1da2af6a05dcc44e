import AMQP
import StudioCore
import StudioProto
import Testing

@testable import WorkerRuntime

@Suite struct AttemptSlotTests {
    @Test func `a slot is given away once the files are declared, and the hint is settled with the report`()
        async throws
    {
        let bench = try Bench()
        bench.transfers.hold(true)
        let (releases, isSettled) = (Box(0), Box(false))
        try await bench.run {
            async let disposition = {
                defer { isSettled.value = true }
                return await bench.deliver {
                    releases.change { $0 += 1 }
                    return true
                }
            }()
            try await eventually("the slot is given away") { releases.value == 1 }
            #expect(bench.hub.grantCalls == 1)
            // The lease is renewed by being named.
            try await bench.says("uploading")
            #expect(!isSettled.value && bench.publisher.tries == 0)
            bench.transfers.hold(false)
            #expect(await disposition == .accept)
            #expect(bench.publisher.taken.first?.completed.artifacts.count == 1)
        }
    }

    @Test func `a slot is given away once, however often the upload is tried`() async throws {
        let bench = try Bench()
        bench.transfers.failing { _, call in if call < 3 { throw UploadBroken() } }
        let releases = Box(0)
        try await bench.run {
            async let disposition = bench.deliver {
                releases.change { $0 += 1 }
                return true
            }
            try await bench.advancing(by: .milliseconds(100), until: "new grants") { bench.hub.grantCalls == 3 }
            #expect(await disposition == .accept)
            #expect(releases.value == 1)
        }
    }

    @Test func `an attempt without files, and one that fails, keep their slots`() async throws {
        let benches = [
            try Bench(spec: .noop(NoopSpec(sleepMilliseconds: 0))), try Bench(executor: FakeExecutor { _, _ in [] }),
        ]
        for bench in benches {
            try await bench.run {
                let isAsked = Box(false)
                let disposition = await bench.deliver {
                    isAsked.value = true
                    return true
                }
                #expect(disposition == .accept && !isAsked.value)
            }
        }
    }

    @Test func `a worker that is short of disk keeps the slot`() async throws {
        let free = Box<Box<Int64?>?>(nil)
        let bench = try Bench(
            executor: FakeExecutor { assignment, _ in
                free.value?.value = 0
                return try assignment.makeOutputs()
            })
        free.value = bench.freeBytes
        try await bench.run {
            let isAsked = Box(false)
            let disposition = await bench.deliver {
                isAsked.value = true
                return true
            }
            #expect(disposition == .accept && !isAsked.value)
            #expect(bench.publisher.taken.first?.completed.artifacts.count == 1)
        }
    }

    @Test func `a lease that is lost during the upload ends it in silence`() async throws {
        let bench = try Bench()
        bench.transfers.hold(true)
        let isReleased = Box(false)
        try await bench.run {
            async let disposition = bench.deliver {
                isReleased.value = true
                return true
            }
            try await eventually("the slot is given away") { isReleased.value }
            bench.attempts.stop([bench.name], .leaseLost)
            #expect(await disposition == .accept)
            #expect(bench.publisher.tries == 0 && bench.transfers.stored.isEmpty)
            #expect(bench.attemptDirectories.isEmpty)
        }
    }
}

private struct UploadBroken: Error {}
