import Foundation
import HTTPTypes
import HummingbirdTesting
import StudioCore
import Synchronization
import Testing

@testable import StudioAPI

@Suite struct EventStreamTests {
    struct Event: Equatable {
        var id: String?
        var name = ""
        var data = ""
    }

    /// The events of a stream that has ended; comments are events named `:`.
    private func parse(_ text: String) -> [Event] {
        text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.compactMap { block in
            var event = Event()
            for line in block.split(separator: "\n") {
                if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { event.data = String(line.dropFirst(6)) }
                if line.hasPrefix(":") { event.name = ":" }
            }
            return event.name.isEmpty ? nil : event
        }
    }

    private func stream(_ client: Bench.Client, _ run: RunID, lastEventID: String? = nil) async throws -> [Event] {
        let response = try await client.get(
            "/v1/runs/\(run)/events",
            headers: [("Accept", "text/event-stream")] + (lastEventID.map { [("Last-Event-ID", $0)] } ?? []))
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/event-stream")
        #expect(response.text.hasPrefix("retry: "))
        return parse(response.text)
    }

    @Test func `a stream begins with a snapshot, tells what happens, and ends with the run`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            async let answer = stream(client, run.id)
            // Only when the snapshot is read may the news begin.
            try await until { bench.repository.state.withLock { $0.reads } > 5 }
            bench.repository.happen(run.id, .taskState, .running, key: "noop.0")
            bench.repository.happen(run.id, .runState, .succeeded)
            let events = try await answer.filter { $0.name != ":" }
            #expect(events.map(\.name) == ["snapshot", "task.state", "run.state"])
            #expect(events.map(\.id) == ["1", "2", "3"])
            let snapshot = try RecordJSON.decode(RunSnapshot.self, from: Data(events[0].data.utf8))
            #expect(snapshot.run.id == run.id)
            #expect(snapshot.tasks.count == 3)
            #expect(snapshot.isComplete)
            let last = try RecordJSON.decode(RunEventRecord.self, from: Data(events[2].data.utf8))
            #expect(last.endsRun)
        }
    }

    @Test func `a stream of a run that has ended is its snapshot`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            bench.repository.happen(run.id, .runState, .failed)
            #expect(try await stream(client, run.id).map(\.name) == ["snapshot"])
        }
    }

    @Test func `a stream that is resumed tells exactly what was missed`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            for key in ["noop.0", "noop.1"] { bench.repository.happen(run.id, .taskState, .running, key: key) }
            bench.repository.happen(run.id, .runState, .succeeded)
            let events = try await stream(client, run.id, lastEventID: "2")
            #expect(events.map(\.id) == ["3", "4"])
            #expect(events.map(\.name) == ["task.state", "run.state"])
        }
    }

    @Test func `whoever resumes at the very end hears that it ended`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            bench.repository.happen(run.id, .runState, .succeeded)
            #expect(try await stream(client, run.id, lastEventID: "2").map(\.name) == ["snapshot"])
        }
    }

    @Test func `a stream goes on over an end that is followed by a reopening`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            bench.repository.happen(run.id, .runState, .failed)
            bench.repository.happen(run.id, .runReopened, .queued)
            async let answer = stream(client, run.id, lastEventID: "1")
            try await until { bench.repository.state.withLock { $0.reads } > 8 }
            bench.repository.happen(run.id, .taskState, .running, key: "noop.0")
            bench.repository.happen(run.id, .runState, .succeeded)
            let events = try await answer.filter { $0.name != ":" }
            #expect(events.map(\.name) == ["run.state", "run.reopened", "task.state", "run.state"])
            #expect(events.map(\.id) == ["2", "3", "4", "5"])
        }
    }

    @Test func `whoever resumes at an end hears of the reopening`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            bench.repository.happen(run.id, .runState, .failed)
            bench.repository.happen(run.id, .runReopened, .queued)
            bench.repository.happen(run.id, .runState, .canceled)
            #expect(try await stream(client, run.id, lastEventID: "2").map(\.name) == ["run.reopened", "run.state"])
        }
    }

    @Test(arguments: ["99", "-1", "garbage", "9223372036854775808"])
    func `an unknown place is told, and the snapshot follows`(lastEventID: String) async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            bench.repository.happen(run.id, .runState, .succeeded)
            let events = try await stream(client, run.id, lastEventID: lastEventID)
            #expect(events.map(\.name) == ["resync", "snapshot"])
            #expect(events[0].id == nil)
        }
    }

    @Test func `a place whose events are gone is told, and the snapshot follows`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            for _ in 0..<5 { bench.repository.happen(run.id, .taskState, .running) }
            bench.repository.happen(run.id, .runState, .succeeded)
            bench.repository.change { $0.events[run.id]?.removeFirst(4) }
            #expect(try await stream(client, run.id, lastEventID: "1").map(\.name) == ["resync", "snapshot"])
        }
    }

    @Test func `progress is told without an id`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            bench.repository.change { state in
                guard let id = state.tasks.keys.first else { return }
                state.tasks[id]?.state = .running
                state.tasks[id]?.phase = "sampling"
                state.tasks[id]?.progress = ProgressRecord(done: 3, total: 4, unit: "steps")
            }
            async let answer = stream(client, run.id)
            try await until { bench.repository.state.withLock { $0.reads } > 30 }
            bench.repository.happen(run.id, .runState, .succeeded)
            let progress = try await answer.filter { $0.name == "task.progress" }
            #expect(progress.count == 1)
            #expect(progress.first?.id == nil)
            #expect(progress.first?.data.contains(#""ratio":0.75"#) == true)
        }
    }

    @Test func `a silent stream beats`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            async let answer = stream(client, run.id)
            // Looks come 5 ms apart, or more.
            try await until { bench.repository.state.withLock { $0.reads } > 60 }
            bench.repository.happen(run.id, .runState, .succeeded)
            #expect(try await answer.contains { $0.name == ":" })
        }
    }

    @Test func `a stream outlasts a database that is away, and goes on where it was`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            async let answer = stream(client, run.id)
            try await until { bench.repository.state.withLock { $0.reads } > 5 }
            bench.repository.fail(with: FakeRepository.Away())
            try await until { bench.repository.state.withLock { $0.failures } > 30 }
            bench.repository.fail(with: nil)
            bench.repository.happen(run.id, .taskState, .running, key: "noop.0")
            bench.repository.happen(run.id, .runState, .succeeded)
            let events = try await answer
            #expect(events.filter { $0.name != ":" }.map(\.name) == ["snapshot", "task.state", "run.state"])
            #expect(events.contains { $0.name == ":" }, "it beats meanwhile")
        }
    }

    @Test func `a run that ends without an event ends its streams all the same`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            async let answer = stream(client, run.id)
            try await until { bench.repository.state.withLock { $0.reads } > 5 }
            bench.repository.change { $0.runs[run.id]?.state = .canceled }
            let last = try #require(try await answer.last)
            #expect(last.name == "snapshot")
            #expect(last.data.contains(#""state":"canceled""#))
        }
    }

    @Test func `without asking for a stream it is a list, page by page`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            for _ in 0..<4 { bench.repository.happen(run.id, .taskState, .running) }
            let first = try await client.get("/v1/runs/\(run.id)/events?limit=3")
                .decode(RecordList<RunEventRecord>.self)
            #expect(first.data.map(\.sequence) == [1, 2, 3])
            let cursor = try #require(first.nextCursor)
            let second = try await client.get("/v1/runs/\(run.id)/events?limit=3&cursor=\(cursor)")
                .decode(RecordList<RunEventRecord>.self)
            #expect(second.data.map(\.sequence) == [4, 5])
            #expect(second.nextCursor == nil)
            let after = try await client.get("/v1/runs/\(run.id)/events?after=4")
                .decode(RecordList<RunEventRecord>.self)
            #expect(after.data.map(\.sequence) == [5])
        }
    }

    @Test func `streams beyond the limit are refused, and places come back`() throws {
        let gate = WaiterGate(max: 2)
        try gate.enter()
        try gate.enter()
        #expect(throws: Problem.self) { try gate.enter() }
        gate.leave()
        try gate.enter()
    }

    private func until(_ condition: () -> Bool) async throws {
        for _ in 0..<2_000 {
            if condition() { return }
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record("the condition never came true")
    }
}
