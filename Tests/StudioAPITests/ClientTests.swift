import Foundation
import Logging
import ServiceLifecycle
import StudioClient
import StudioCore
import Synchronization
import Testing

@testable import StudioAPI

/// The client and the server, over a real socket.
@Suite struct ClientTests {
    private struct Broken: Error {}

    let repository = FakeRepository()

    func run(
        key: String = Bench.key, _ test: @escaping @Sendable (StudioClient) async throws -> Void
    ) async throws {
        var configuration = try APIConfiguration(host: "127.0.0.1", port: 0, apiKey: Bench.key)
        configuration.timing.poll = .milliseconds(5)
        configuration.timing.heartbeat = .milliseconds(50)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = APIServer(
            configuration: configuration,
            services: APIServices(repository: repository, link: { key, _, _ in key }, logger: Bench.silence),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            onListening: { port.yield($0) })
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [server], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let number = try #require(await iterator.next())
            var settings = StudioClientConfiguration(url: "http://127.0.0.1:\(number)/", apiKey: key)
            settings.pause = .milliseconds(5)
            try await test(StudioClient(configuration: settings))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func `everything that the server tells, the client reads`() async throws {
        try await run { client in
            try await client.ready()
            let submission = try await client.createRun(Data(Bench.load.utf8), idempotencyKey: "k \"1\"")
            #expect(!submission.isReplay)
            let id = submission.run.id
            #expect(try await client.createRun(Data(Bench.load.utf8), idempotencyKey: "k 1").run.id != id)
            #expect(try await client.run(id) == submission.run)
            #expect(try await client.plan(Data(Bench.load.utf8)).tasks == 3)
            #expect(try await client.runs(RunFilter(labels: ["nightly"]), limit: 1).nextCursor != nil)
            #expect(try await client.shots(of: id).isEmpty)
            #expect(try await client.artifacts(of: id).isEmpty)
            let tasks = try await client.allTasks(TaskFilter(run: id))
            #expect(tasks.count == 3)
            let task = try #require(tasks.first)
            #expect(try await client.task(task.id) == task)
            #expect(try await client.events(of: id).data.map(\.sequence) == [1])
            #expect(try await client.workers().map(\.name) == ["gpu-1"])
            #expect(try await client.queueStats().queued == 12)
        }
    }

    @Test func `a submission sent twice with one key makes one run`() async throws {
        try await run { client in
            let first = try await client.createRun(Data(Bench.load.utf8), idempotencyKey: "same")
            let second = try await client.createRun(Data(Bench.load.utf8), idempotencyKey: "same")
            #expect(second.isReplay)
            #expect(first.run.id == second.run.id)
        }
    }

    @Test func `errors tell what they are`() async throws {
        try await run { client in
            let missing = await #expect(throws: StudioClientError.self) { try await client.run(RunID()) }
            #expect(missing?.code == .notFound)
            let refused = await #expect(throws: StudioClientError.self) {
                try await client.createRun(Data(#"{"zzz":1}"#.utf8))
            }
            #expect(refused?.code == .refused)
            #expect(refused?.problem?.errors?.contains { $0.pointer == "/zzz" } == true)
            #expect(refused?.description.contains("/zzz") == true)
        }
    }

    @Test func `a wrong key is told as such, and not tried again`() async throws {
        try await run(key: "wrong-key-0123456789") { client in
            let error = await #expect(throws: StudioClientError.self) { try await client.runs() }
            #expect(error?.code == .unauthorized)
        }
    }

    @Test func `what may pass is tried again`() async throws {
        let repository = repository
        try await run { client in
            repository.fail(with: FakeRepository.Away())
            async let runs = client.runs()
            try await Task.sleep(for: .milliseconds(50))
            repository.fail(with: nil)
            #expect(try await runs.data.isEmpty)
        }
    }

    @Test func `a key that no header takes is refused, and not repeated`() async throws {
        for key in ["hidden-0123456789\r\nx: y", " hidden-0123456789", "hidden-é", ""] {
            try await run(key: key) { client in
                let error = await #expect(throws: StudioClientError.self) { try await client.runs() }
                #expect(error?.code == .refused)
                #expect(error?.description.contains("hidden") == false)
            }
        }
    }

    @Test func `a server that is away is told with its address`() async throws {
        var settings = StudioClientConfiguration(url: "http://127.0.0.1:1", apiKey: "k")
        settings.pause = .milliseconds(1)
        let client = StudioClient(configuration: settings)
        let error = await #expect(throws: StudioClientError.self) { try await client.runs() }
        #expect(error?.code == .unreachable)
        #expect(error?.description.contains("127.0.0.1:1") == true)
    }

    @Test func `news come as they happen, and end with the run`() async throws {
        let repository = repository
        try await run { client in
            let id = try await client.createRun(Data(Bench.load.utf8)).run.id
            var kinds: [String] = []
            for try await news in client.news(of: id) {
                switch news {
                case .snapshot:
                    kinds.append("snapshot")
                    repository.happen(id, .taskState, .running, key: "noop.0")
                case .event(let event):
                    kinds.append(event.kind.rawValue)
                    if event.kind == .taskState { repository.happen(id, .runState, .succeeded) }
                }
            }
            #expect(kinds == ["snapshot", "task.state", "run.state"])
        }
    }

    @Test func `news go on after the stream broke, without gap or repetition`() async throws {
        let repository = repository
        try await run { client in
            let id = try await client.createRun(Data(Bench.load.utf8)).run.id
            var sequences: [Int64] = []
            for try await news in client.news(of: id) {
                guard case .event(let event) = news else {
                    repository.happen(id, .taskState, .running, key: "noop.0")
                    continue
                }
                sequences.append(event.sequence)
                if event.sequence == 2 {
                    // The server's stream ends when its repository fails; the client must come back.
                    repository.fail(with: Broken())
                    try await Task.sleep(for: .milliseconds(30))
                    repository.fail(with: nil)
                    repository.happen(id, .taskState, .succeeded, key: "noop.0")
                    repository.happen(id, .runState, .succeeded)
                }
            }
            #expect(sequences == [2, 3, 4])
        }
    }

    @Test func `a server that stops ends its streams`() async throws {
        let repository = repository
        let begin = ContinuousClock.now
        try await run { client in
            let id = try await client.createRun(Data(Bench.load.utf8)).run.id
            var iterator = client.news(of: id).makeAsyncIterator()
            _ = try await iterator.next()
            _ = repository
        }
        #expect(ContinuousClock.now - begin < .seconds(10))
    }
}
