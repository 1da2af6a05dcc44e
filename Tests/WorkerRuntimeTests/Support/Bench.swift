import AMQP
import Foundation
import Logging
import ObjectStore
import StudioCore
import StudioProto
import SwiftProtobuf
import SystemPackage
import Testing

@testable import WorkerRuntime

/// A worker without broker, hub and store: fakes around the real intake, runner and spool.
struct Bench: Sendable {
    static let lease: Duration = .seconds(10)
    static let limit: Duration = .seconds(100)
    static let noProgressLimit: Duration = .seconds(20)
    static let freeBytesMin: Int64 = 1_000

    let task = TaskID()
    let root: FilePath
    let clock = FakeClock()
    let hub: FakeHub
    let transfers = FakeTransfers()
    let publisher = FakePublisher()
    let attempts = RunningAttempts()
    let spool: ReportSpool
    let room: DiskRoom
    let circuit: EndpointCircuit
    /// What the disk is found to have free, in bytes; nil is a disk that cannot be written.
    let freeBytes = Box<Int64?>(Self.freeBytesMin)
    let intake: Intake

    init(
        executor: some TaskExecutor = FakeExecutor.honest, spec: TaskSpec = .noise, inputs: [Grant.Input] = [],
        lease: Duration = Self.lease
    ) throws {
        root = FilePath(FileManager.default.temporaryDirectory.path).appending("worker-\(UUID().uuidString)")
        hub = FakeHub { task, _ in
            .granted(
                Grant(
                    name: AttemptName(task: task, attempt: 1), lease: lease, token: "token",
                    spec: .success(spec), inputs: inputs, limit: Self.limit))
        }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let work = try WorkDirectory(root: root, logger: logger)
        spool = try ReportSpool(in: work, publisher: publisher, clock: clock, logger: logger)
        room = DiskRoom(
            directories: [work.attempts, work.spool], freeBytesMin: Self.freeBytesMin, clock: clock, logger: logger
        ) { [freeBytes] _ in
            guard let free = freeBytes.value else { throw Errno.readOnlyFileSystem }
            return free
        }
        circuit = EndpointCircuit(
            endpoint: "bench", policy: CircuitPolicy(), clock: clock, logger: logger, jitter: { 0 })
        let runner = AttemptRunner(
            worker: WorkerID(), workerName: "bench",
            executor: EndpointExecutor(executor: executor, signatures: try .standard(), circuit: circuit), hub: hub,
            transfers: transfers, directory: work, room: room, noProgressLimit: Self.noProgressLimit, spool: spool,
            attempts: attempts, clock: clock, logger: logger)
        intake = Intake(runner: runner, room: room, circuit: circuit, drainGrace: .seconds(25))
    }

    var name: AttemptName { AttemptName(task: task, attempt: 1) }

    /// The directories of attempts that are there.
    var attemptDirectories: [String] { names(in: "attempts") }

    /// The reports that are on disk.
    var spooled: [String] { names(in: "spool").filter { !$0.hasSuffix(".partial") } }

    private func names(in directory: FilePath.Component) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: root.appending(directory).string)) ?? ["unreadable"]
    }

    func hint(_ task: TaskID? = nil, version: UInt32 = Wire.version) -> Delivery {
        var message = WireTaskMessage()
        message.version = version
        message.taskID = (task ?? self.task).description
        return Delivery(body: (try? message.serializedBytes()) ?? [], queue: "tasks.audio.standard.batch")
    }

    /// Hands the intake one hint.
    func deliver(releaseSlot: @escaping @Sendable () -> Bool = { false }) async -> Disposition {
        await intake.handle(hint(), releaseSlot: releaseSlot)
    }

    /// Waits until this is what the heartbeats say of the attempt.
    func says(_ phase: String, done: Int? = nil) async throws {
        try await eventually("the heartbeat says \(phase) \(done ?? 0)") {
            defer { attempts.renewed([]) }
            let progress = attempts.heartbeat(at: clock.now)?[name]
            return progress?.phase == phase && (done == nil || progress?.done == done)
        }
    }

    /// Runs `body` beside the spool, then removes the directory.
    func run(_ body: @Sendable () async throws -> Void) async throws {
        defer { try? FileManager.default.removeItem(atPath: root.string) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await spool.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    /// Waits until the attempt's executor can be working.
    func running() async throws {
        try await eventually("the attempt runs") { attempts.count > 0 && clock.deadlines.count >= 2 }
    }

    /// Lets fake time pass until `condition` holds.
    func advancing(
        by step: Duration = .seconds(1), until what: String, _ condition: () async throws -> Bool
    ) async throws {
        try await eventually("\(what)") {
            if try await condition() { return true }
            clock.advance(by: step)
            return false
        }
    }
}

extension TaskSpec {
    /// One output, no inputs.
    static let noise = TaskSpec.music(MusicSpec(prompt: "rain", samples: 48_000, seed: 7, sampleRate: 48_000))
}
