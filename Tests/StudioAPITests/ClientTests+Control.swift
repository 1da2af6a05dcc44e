import Foundation
import StudioClient
import StudioCore
import Synchronization
import Testing

@testable import StudioAPI

extension ClientTests {
    @Test func `a run and its tasks are controlled`() async throws {
        let repository = repository
        try await run { client in
            let id = try await client.createRun(Data(Bench.load.utf8)).run.id
            #expect(try await client.control(.pause, run: id).state == .paused)
            #expect(try await client.control(.resume, run: id).state == .running)
            let task = try #require(try await client.allTasks(TaskFilter(run: id)).first).id
            #expect(try await client.control(.pause, task: task).state == .paused)
            #expect(try await client.control(.resume, task: task).state == .queued)
            #expect(try await client.control(.cancel, task: task).state == .canceled)
            #expect(try await client.control(.retry, task: task).state == .queued)
            #expect(try await client.control(.cancel, run: id).state == .canceled)
            #expect(try await client.control(.retry(.failed), run: id).state == .queued)
            repository.change { fake in
                fake.runs[id]?.state = .succeeded
                for task in fake.tasks.keys { fake.tasks[task]?.state = .succeeded }
            }
            #expect(try await client.control(.retry(.all), run: id).state == .queued)
        }
    }

    @Test func `what a state forbids, and what is not there, is told as such`() async throws {
        let repository = repository
        try await run { client in
            let id = try await client.createRun(Data(Bench.load.utf8)).run.id
            repository.change { $0.runs[id]?.state = .succeeded }
            let refused = await #expect(throws: StudioClientError.self) { try await client.control(.pause, run: id) }
            #expect(refused?.code == .conflict)
            #expect(refused?.problem?.code == "wrong_state")
            #expect(refused?.description.contains("succeeded") == true)
            let missing = await #expect(throws: StudioClientError.self) {
                try await client.control(.cancel, task: TaskID())
            }
            #expect(missing?.code == .notFound)
        }
    }

    @Test func `ledger, costs and causes are read`() async throws {
        let repository = repository
        try await run { client in
            let id = try await client.createRun(Data(Bench.load.utf8)).run.id
            let task = try #require(try await client.allTasks(TaskFilter(run: id)).first).id
            repository.change { $0.tasks[task]?.attempt = AttemptRecord(n: 2, max: 3) }
            #expect(try await client.attempts(of: task).map(\.n) == [1, 2])
            #expect(try await client.spent(by: id).total.attempts == 4)
            let why = try await client.why(task)
            #expect(why.task == task)
            #expect(why.causes.map(\.code) == [.backoff, .dependency])
        }
    }

    @Test func `a worker is paused, drained and made active again`() async throws {
        try await run { client in
            let id = try #require(try await client.workers().first).id
            #expect(try await client.want(.paused, of: id).state == .paused)
            #expect(try await client.want(.draining, of: id).state == .draining)
            #expect(try await client.want(.active, of: id).state == .active)
            let missing = await #expect(throws: StudioClientError.self) {
                try await client.want(.paused, of: WorkerID())
            }
            #expect(missing?.code == .notFound)
        }
    }

    @Test func `news of a run that is reopened go on`() async throws {
        let repository = repository
        try await run { client in
            let id = try await client.createRun(Data(Bench.load.utf8)).run.id
            repository.happen(id, .runState, .failed)
            repository.happen(id, .runReopened, .queued)
            var kinds: [String] = []
            for try await news in client.news(of: id) {
                switch news {
                case .snapshot(let snapshot):
                    kinds.append("\(snapshot.run.state)")
                    repository.happen(id, .runState, .succeeded)
                case .event(let event): kinds.append("\(event.kind.rawValue) \(event.sequence)")
                }
            }
            #expect(kinds == ["queued", "run.state 4"])
        }
    }

    @Test func `a paused run is followed over more broken connections than may bring nothing in a row`() async throws {
        struct Broken: Error {}
        let repository = repository
        try await run { client in
            let id = try await client.createRun(Data(Bench.load.utf8)).run.id
            _ = try await client.control(.pause, run: id)
            var settings = client.configuration
            settings.streamFailuresMax = 8
            let patient = StudioClient(configuration: settings)
            async let heard = patient.news(of: id).reduce(into: [Bool]()) { $0.append($1.endsRun) }
            for _ in 0...settings.streamFailuresMax {
                // The stream looks for news again and again, for longer than it may be silent.
                let reads = repository.state.withLock { $0.reads }
                try await until { repository.state.withLock { $0.reads } > reads + 100 }
                repository.fail(with: Broken())
                try await Task.sleep(for: .milliseconds(15))
                repository.fail(with: nil)
            }
            repository.happen(id, .runState, .succeeded)
            #expect(try await heard == [false, true])
        }
    }

    private func until(_ condition: () -> Bool) async throws {
        for _ in 0..<2_000 {
            if condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("the condition never came true")
    }
}
