import AMQP
import Foundation
import ObjectStore
import StudioCore
import StudioProto
import SystemPackage
import Testing

@testable import WorkerRuntime

@Suite struct AttemptLifeTests {
    @Test func `a granted task is made, uploaded, reported, and its directory removed`() async throws {
        let bench = try Bench()
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            let event = try #require(bench.publisher.taken.first)
            #expect(event.taskID == bench.task.description)
            #expect(event.attempt == 1)
            #expect(event.token == "token")
            #expect(event.version == Wire.version)
            let artifact = try #require(event.completed.artifacts.first)
            #expect(artifact.name == "music.flac")
            #expect(artifact.size == 64)
            #expect(artifact.sha256.count == 32)
            #expect(artifact.media.samples == 48_000)
            #expect(bench.transfers.stored["http://store.test/music.flac"] == .flac())
            #expect(bench.attemptDirectories.isEmpty)
            #expect(bench.spooled.isEmpty)
            #expect(bench.attempts.count == 0)
        }
    }

    @Test func `a task without outputs asks for no upload grant`() async throws {
        let bench = try Bench(spec: .noop(NoopSpec(sleepMilliseconds: 0)))
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            #expect(bench.hub.grantCalls == 0)
            #expect(bench.publisher.taken.first?.completed.artifacts.isEmpty == true)
        }
    }

    @Test func `inputs lie in the attempt's directory under safe names, and never more than four come at once`()
        async throws
    {
        let names = (1...9).map { "s0\($0)/../video" }
        let inputs = names.map { Grant.Input(name: $0, size: 1, sha256: "00", request: .fake($0)) }
        let seen = Box<[String: FilePath]>([:])
        let bench = try Bench(
            executor: FakeExecutor { assignment, _ in
                seen.value = assignment.inputs
                for path in assignment.inputs.values { #expect(path.starts(with: assignment.directory)) }
                return try assignment.makeOutputs()
            }, inputs: inputs)
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            let paths = seen.value
            #expect(Set(paths.keys) == Set(names))
            #expect(paths.values.allSatisfy { !$0.components.contains("..") })
            #expect(bench.transfers.underwayMax <= 4)
        }
    }

    @Test(arguments: [ClaimAnswer.held, .stale])
    func `a hint that the hub calls held or stale is dropped`(answer: ClaimAnswer) async throws {
        let bench = try Bench()
        bench.hub.answerClaims { _, _ in answer }
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            #expect(bench.publisher.taken.isEmpty)
        }
    }

    @Test func `what is no hint, or one of another version, is dead-lettered`() async throws {
        let bench = try Bench()
        try await bench.run {
            #expect(await bench.intake.handle(Delivery(body: [0xFF, 0xFF])) == .reject)
            #expect(await bench.intake.handle(bench.hint(version: 2)) == .reject)
            #expect(bench.hub.claimCalls == 0)
        }
    }

    @Test func `a claim is repeated while the hub is away`() async throws {
        let bench = try Bench()
        let granted = FakeGrant(bench)
        bench.hub.answerClaims { task, call in
            guard call > 3 else { throw HubError(.unavailable, "away") }
            return granted.answer
        }
        try await bench.run {
            async let disposition = bench.deliver()
            try await bench.advancing(by: .milliseconds(100), until: "the claim succeeds") {
                bench.hub.claimCalls == 4
            }
            #expect(await disposition == .accept)
            #expect(bench.publisher.taken.count == 1)
        }
    }

    @Test func `a hint goes back to its queue when the hub stays away`() async throws {
        let bench = try Bench()
        bench.hub.answerClaims { _, _ in throw HubError(.unavailable, "away") }
        try await bench.run {
            let done = Box(false)
            async let disposition = {
                defer { done.value = true }
                return await bench.deliver()
            }()
            try await bench.advancing(until: "the intake gives up") { done.value }
            #expect(await disposition == .handBack)
            #expect(bench.clock.now <= Intake.claimPatience + .seconds(10))
        }
    }

    @Test func `a hint that the hub cannot use is dead-lettered`() async throws {
        let bench = try Bench()
        bench.hub.answerClaims { _, _ in throw HubError(.invalid, "no such identifier") }
        try await bench.run { #expect(await bench.deliver() == .reject) }
    }

    @Test(arguments: [ErrorClass.userError, .billing, .rateLimit, .temporary, .resource, .poison])
    func `an executor's failure is reported with its class`(errorClass: ErrorClass) async throws {
        let bench = try Bench(
            executor: FakeExecutor { _, _ in
                throw TaskFailure(errorClass, code: "broken", detail: "why", retryAfterSeconds: 3)
            })
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            let failed = try #require(bench.publisher.taken.first?.failed)
            #expect(failed.errorClass == errorClass.rawValue)
            #expect(failed.code == "broken")
            #expect(failed.detail == "why")
            #expect(failed.retryAfterSeconds == 3)
        }
    }

    @Test func `an executor's unknown error is a temporary failure, a full disk one of resources`() async throws {
        struct Odd: Error {}
        for (error, code) in [(Odd() as any Error, "executor_failed"), (Errno.noSpace, "disk_full")] {
            let bench = try Bench(executor: FakeExecutor { _, _ in throw error })
            try await bench.run {
                #expect(await bench.deliver() == .accept)
                #expect(bench.publisher.taken.first?.failed.code == code)
            }
        }
    }

    @Test func `executors that compute without a pause do not hold up those who renew leases`() async throws {
        let count = 2 * ProcessInfo.processInfo.activeProcessorCount
        let (isReleased, sawRelease) = (Box(false), Box(0))
        let bench = try Bench(
            executor: FakeExecutor { assignment, _ in
                let deadline = ContinuousClock.now + .seconds(5)
                while !isReleased.value, ContinuousClock.now < deadline {}
                if isReleased.value { sawRelease.change { $0 += 1 } }
                return try assignment.makeOutputs()
            })
        try await bench.run {
            try await withThrowingTaskGroup(of: Disposition.self) { group in
                // Whatever fails, the executors must not spin on.
                defer { isReleased.value = true }
                for _ in 0..<count {
                    group.addTask { await bench.intake.handle(bench.hint(TaskID())) }
                }
                try await eventually("all are at work") { bench.attempts.count == count }
                try await Task.sleep(for: .milliseconds(50))
                isReleased.value = true
                for try await disposition in group { #expect(disposition == .accept) }
            }
        }
        #expect(sawRelease.value == count)
    }

    @Test func `a declared output that was not made is a failure`() async throws {
        let bench = try Bench(executor: FakeExecutor { _, _ in [] })
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            #expect(bench.publisher.taken.first?.failed.code == "output_missing")
        }
    }

    @Test func `a task that this worker cannot read is poison`() async throws {
        let bench = try Bench()
        let failure = TaskFailure(.poison, code: "spec_unreadable", detail: "new")
        bench.hub.answerClaims { task, _ in
            .granted(
                Grant(
                    name: AttemptName(task: task, attempt: 1), lease: Bench.lease, token: "t", spec: .failure(failure),
                    inputs: [], limit: Bench.limit))
        }
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            #expect(bench.publisher.taken.first?.failed.errorClass == "poison")
        }
    }

    @Test func `an input that does not come is a temporary failure`() async throws {
        let bench = try Bench(inputs: [Grant.Input(name: "a", size: 1, sha256: "00", request: .fake("a"))])
        bench.transfers.failing { _, _ in throw ObjectStoreError(.checksumMismatch, "other bytes") }
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            #expect(bench.publisher.taken.first?.failed.code == "download_failed")
            #expect(bench.publisher.taken.first?.failed.errorClass == "temporary")
        }
    }

    @Test func `a report waits on disk while the broker is away, and its attempt stays in the heartbeats`()
        async throws
    {
        let bench = try Bench()
        bench.publisher.become(.away)
        try await bench.run {
            async let disposition = bench.deliver()
            try await eventually("a publish failed") { bench.publisher.tries > 0 }
            #expect(bench.spooled == ["\(bench.name).report"])
            #expect(bench.attempts.heartbeat(at: .zero)?[bench.name]?.phase == "reporting")
            bench.publisher.become(.refusing)
            try await bench.advancing(until: "a publish was refused") { bench.publisher.tries > 2 }
            bench.publisher.become(.taking)
            try await bench.advancing(until: "the report is taken") { bench.publisher.taken.count == 1 }
            #expect(await disposition == .accept)
            #expect(bench.spooled.isEmpty)
        }
    }
}

/// An answer that grants a bench's own task.
struct FakeGrant: Sendable {
    let answer: ClaimAnswer

    init(_ bench: Bench, spec: TaskSpec = .noise) {
        answer = .granted(
            Grant(
                name: bench.name, lease: Bench.lease, token: "token", spec: .success(spec), inputs: [],
                limit: Bench.limit))
    }
}
