import Foundation
import GRPCCore
import Logging
import ObjectStore
import ProgramSettings
import StudioCore
import StudioProto
import Testing

@testable import WorkerRuntime

@Suite struct HubClientTests {
    private let task = TaskID()

    private var name: AttemptName { AttemptName(task: task, attempt: 1) }

    private func client(port: Int, deadline: Duration = .seconds(5)) throws -> HubClient {
        var endpoint = HubEndpoint(address: ListenAddress(host: "127.0.0.1", port: port), token: "worker-token")
        endpoint.callDeadline = deadline
        return try HubClient(endpoint, worker: WorkerID())
    }

    /// Runs a service while `body` runs.
    private func running(
        _ services: [@Sendable () async throws -> Void], _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service() } }
            defer { group.cancelAll() }
            try await body()
        }
    }

    @Test func `a claim, its uploads and their completion go through real gRPC, with the worker's token`()
        async throws
    {
        let hub = TestHub()
        try await hub.serving { port in
            let client = try client(port: port)
            try await running([client.run]) {
                guard case .granted(let grant) = try await client.claim(task: task, attempt: 0) else {
                    Issue.record("not granted")
                    return
                }
                #expect(grant.name == name)
                #expect(grant.lease == .seconds(12))
                #expect(try grant.spec.get() == .noop(NoopSpec(sleepMilliseconds: 5)))
                #expect(grant.inputs.first?.sha256 == "ab01")
                #expect(grant.inputs.first?.request.headers == ["x-a": "b"])
                let file = UploadDeclaration(name: "a.wav", contentType: "audio/wav", size: 3, sha256: "00ff")
                let uploads = try await client.grantUploads(name, token: grant.token, files: [file])
                guard case .single(let request) = try #require(uploads.first) else {
                    Issue.record("not single")
                    return
                }
                #expect(request.url == "http://store.test/a.wav")
                try await client.completeUpload(
                    name, token: grant.token, file: "a.wav", uploadID: "u", etags: ["a", "b"])
            }
        }
        #expect(hub.tokens == ["Bearer worker-token"])
    }

    @Test func `the hub's refusals are told apart`() async throws {
        let hub = TestHub()
        try await hub.serving { port in
            let client = try client(port: port)
            try await running([client.run]) {
                let codes: [(RPCError.Code, HubError.Code)] = [
                    (.unavailable, .unavailable), (.resourceExhausted, .unavailable), (.unauthenticated, .refused),
                    (.permissionDenied, .fenced), (.failedPrecondition, .fenced), (.invalidArgument, .invalid),
                ]
                for (code, expected) in codes {
                    hub.failClaims(RPCError(code: code, message: "no"))
                    let error = await #expect(throws: HubError.self) { try await client.claim(task: task, attempt: 0) }
                    #expect(error?.code == expected)
                }
            }
        }
    }

    @Test func `no call takes longer than its deadline`() async throws {
        let hub = TestHub()
        hub.delayClaims(.seconds(60))
        try await hub.serving { port in
            let client = try client(port: port, deadline: .milliseconds(100))
            try await running([client.run]) {
                let error = await #expect(throws: HubError.self) { try await client.claim(task: task, attempt: 0) }
                #expect(error?.code == .unavailable)
            }
        }
    }

    @Test func `a call to a hub that is not there fails within its deadline`() async throws {
        let client = try client(port: 1, deadline: .milliseconds(300))
        try await running([client.run]) {
            let error = await #expect(throws: HubError.self) { try await client.claim(task: task, attempt: 0) }
            #expect(error?.code == .unavailable)
        }
    }
}

@Suite struct HeartbeatStreamTests {
    private let task = TaskID()
    private let attempts = RunningAttempts()

    private var name: AttemptName { AttemptName(task: task, attempt: 1) }

    /// Runs a stream to `port` while `body` runs.
    private func streaming(
        to port: Int, _ body: (HeartbeatStream) async throws -> Void
    ) async throws {
        let endpoint = HubEndpoint(address: ListenAddress(host: "127.0.0.1", port: port), token: "worker-token")
        let client = try HubClient(endpoint, worker: WorkerID())
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let stream = HeartbeatStream(
            hub: client,
            introduction: WorkerIntroduction(name: "left", kinds: [.video, .noop], slots: 2, version: "9"),
            attempts: attempts, clock: BootClock(), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            group.addTask { try await stream.run() }
            defer { group.cancelAll() }
            try await body(stream)
        }
    }

    private func message(_ names: [AttemptName], _ place: (inout WireHubMessage, [WireAttemptName]) -> Void)
        -> WireHubMessage
    {
        var message = WireHubMessage()
        place(
            &message,
            names.map { name in
                var wire = WireAttemptName()
                wire.taskID = name.task.description
                wire.attempt = UInt32(name.attempt)
                return wire
            })
        return message
    }

    @Test func `a worker says hello, then what it works on, and its leases are renewed`() async throws {
        let hub = TestHub()
        try await hub.serving { port in
            try await streaming(to: port) { stream in
                try await eventually("the stream is up") { stream.isConnected }
                let hello = try #require(hub.hellos.first)
                #expect(hello.name == "left")
                #expect(hello.kinds == ["video", "noop"])
                #expect(hello.slots == 2)

                _ = attempts.begin(name, lease: .seconds(10), askedAt: .zero)
                attempts.note(Progress(phase: "sampling", done: 1, total: 2, unit: "steps"), of: name)
                try await eventually("a heartbeat names the attempt") {
                    hub.heartbeats.last?.running.first?.phase == "sampling"
                }
                try await eventually("the lease is renewed") { attempts.giveUpTime(of: name) != .seconds(8) }
                attempts.drain()
                try await eventually("a heartbeat says that it drains") { hub.heartbeats.last?.draining == true }
            }
        }
    }

    @Test func `cancels, lost leases and drain come down the stream`() async throws {
        let hub = TestHub()
        try await hub.serving { port in
            try await streaming(to: port) { stream in
                try await eventually("the stream is up") { stream.isConnected }
                let other = AttemptName(task: TaskID(), attempt: 4)
                let stops = try #require(attempts.begin(name, lease: .seconds(10), askedAt: .zero))
                let otherStops = try #require(attempts.begin(other, lease: .seconds(10), askedAt: .zero))
                hub.say(message([name]) { $0.cancel.attempts = $1 })
                hub.say(message([other]) { $0.leasesLost.attempts = $1 })
                #expect(await stops.first { _ in true } == .canceled)
                #expect(await otherStops.first { _ in true } == .leaseLost)
                var drain = WireHubMessage()
                drain.drain = WireDrain()
                hub.say(drain)
                await attempts.drainRequested()
                #expect(attempts.isDraining)
            }
        }
    }

    @Test func `the stream comes back after the hub has restarted, and what runs runs on`() async throws {
        let hub = TestHub()
        let port = try await hub.serving { $0 }
        try await streaming(to: port) { stream in
            _ = attempts.begin(name, lease: .seconds(1_000), askedAt: .zero)
            try await hub.serving(port: port) { _ in
                try await eventually("the stream is up") { stream.isConnected }
            }
            try await eventually("the stream is down") { !stream.isConnected }
            #expect(attempts.count == 1)
            let hellos = hub.hellos.count
            try await hub.serving(port: port) { _ in
                try await eventually("the stream is up again") { stream.isConnected }
                #expect(hub.hellos.count == hellos + 1)
            }
        }
    }

    @Test func `a hub that answers no heartbeats is left and asked again`() async throws {
        let hub = TestHub()
        hub.fallSilent(true)
        try await hub.serving { port in
            try await streaming(to: port) { _ in
                try await eventually("the worker says hello again") { hub.hellos.count > 1 }
            }
        }
    }
}
