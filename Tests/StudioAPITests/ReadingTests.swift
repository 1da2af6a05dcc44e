import Foundation
import HTTPTypes
import HummingbirdTesting
import StudioCore
import Testing

@testable import StudioAPI

@Suite struct ReadingTests {
    @Test func `runs are listed newest first, page by page, and the last page has no cursor`() async throws {
        try await Bench().run { client in
            var ids: [RunID] = []
            for _ in 0..<5 { ids.append(try await client.submit().id) }
            var seen: [RunID] = []
            var uri: String? = "/v1/runs?limit=2"
            while let next = uri {
                let list = try await client.get(next).decode(RecordList<RunRecord>.self)
                #expect(list.data.count <= 2)
                seen += list.data.map(\.id)
                uri = list.nextCursor.map { "/v1/runs?limit=2&cursor=\($0)" }
            }
            #expect(seen == ids.sorted(by: >))
        }
    }

    @Test func `a cursor stays where it is while runs are added`() async throws {
        try await Bench().run { client in
            for _ in 0..<3 { _ = try await client.submit() }
            let first = try await client.get("/v1/runs?limit=2").decode(RecordList<RunRecord>.self)
            let cursor = try #require(first.nextCursor)
            _ = try await client.submit()
            let second = try await client.get("/v1/runs?limit=2&cursor=\(cursor)").decode(RecordList<RunRecord>.self)
            #expect(second.data.count == 1)
            #expect(Set(first.data.map(\.id)).isDisjoint(with: second.data.map(\.id)))
        }
    }

    @Test func `runs are found by state, label and time`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let one = try await client.submit()
            let two = try await client.submit(#"{"noop":{"tasks":1},"labels":["a","b"]}"#)
            bench.repository.happen(one.id, .runState, .succeeded)
            func ids(_ query: String) async throws -> [RunID] {
                try await client.get("/v1/runs?\(query)").decode(RecordList<RunRecord>.self).data.map(\.id)
            }
            #expect(try await ids("status=succeeded") == [one.id])
            #expect(try await ids("status=queued,running&status=failed") == [two.id])
            #expect(try await ids("label=a&label=b") == [two.id])
            #expect(try await ids("label=a,nightly") == [])
            #expect(try await ids("created_after=2999-01-01T00:00:00Z") == [])
            #expect(try await ids("created_after=2020-01-01T00:00:00.5%2B02:00").count == 2)
        }
    }

    @Test(arguments: [
        ("/v1/runs?limitt=3", "?limitt", "unknown_parameter"), ("/v1/runs?limit=0", "?limit", "out_of_range"),
        ("/v1/runs?limit=201", "?limit", "out_of_range"), ("/v1/runs?limit=ten", "?limit", "out_of_range"),
        ("/v1/runs?status=done", "?status", "unknown_value"), ("/v1/runs?cursor=%21", "?cursor", "wrong_format"),
        ("/v1/runs?cursor=YWJj", "?cursor", "wrong_format"),
        ("/v1/runs?created_after=yesterday", "?created_after", "wrong_format"),
        ("/v1/runs?limit=3&limit=4", "?limit", "duplicate"), ("/v1/workers?x=1", "?x", "unknown_parameter"),
        ("/v1/tasks?run=task_1", "?run", "wrong_format"), ("/v1/queue_stats?y", "?y", "unknown_parameter"),
    ])
    func `a query that cannot be used is 400 and names the parameter`(
        uri: String, pointer: String, code: String
    ) async throws {
        try await Bench().run { client in
            let problem = try await client.get(uri).problem(.badRequest, "invalid_query")
            #expect(problem.errors?.contains { $0.pointer == pointer && $0.code == code } == true)
        }
    }

    @Test func `all faults of a query are told at once`() async throws {
        try await Bench().run { client in
            let problem = try await client.get("/v1/runs?limit=x&status=y&z=1").problem(.badRequest, "invalid_query")
            #expect(problem.errors?.map(\.pointer).sorted() == ["?limit", "?status", "?z"])
        }
    }

    @Test(arguments: [
        "/v1/runs/\(RunID())", "/v1/runs/\(RunID())/shots", "/v1/runs/\(RunID())/tasks",
        "/v1/runs/\(RunID())/artifacts", "/v1/runs/\(RunID())/events", "/v1/tasks/\(TaskID())",
        "/v1/artifacts/\(ArtifactID())", "/v1/artifacts/\(ArtifactID())/content", "/v1/runs/garbage",
        "/v1/runs/\(TaskID())", "/v1/tasks/..%2F", "/v1/artifacts/art_!",
    ])
    func `an unknown id is 404, also one that is none`(uri: String) async throws {
        try await Bench().run { client in
            _ = try await client.get(uri).problem(.notFound, "not_found")
        }
    }

    @Test func `another tenant's run is not there`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            bench.repository.change { $0.tenants[run.id] = TenantID() }
            for part in ["", "/shots", "/tasks", "/events"] {
                _ = try await client.get("/v1/runs/\(run.id)\(part)").problem(.notFound, "not_found")
            }
            #expect(try await client.get("/v1/runs").decode(RecordList<RunRecord>.self).data.isEmpty)
        }
    }

    @Test(arguments: ["/", "/v1", "/v1/nothing", "/v2/runs", "/v1/runs/x/y/z"])
    func `a path that is not there is 404`(path: String) async throws {
        try await Bench().run { client in
            _ = try await client.get(path).problem(.notFound, "no_such_path")
        }
    }

    @Test func `a method that a path does not know is 405 with those it knows`() async throws {
        try await Bench().run { client in
            let response = try await client.send(.delete, "/v1/runs")
            _ = try response.problem(.methodNotAllowed, "method_not_allowed")
            #expect(response.headers[.allow] == "GET, HEAD, POST")
            let other = try await client.send(.post, "/v1/runs/\(RunID())", "{}")
            #expect(other.status == .methodNotAllowed)
        }
    }

    @Test func `an unchanged document is 304, a changed one is sent again`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            let first = try await client.get("/v1/runs/\(run.id)")
            let tag = try #require(first.headers[.eTag])
            let second = try await client.get("/v1/runs/\(run.id)", headers: [("If-None-Match", "\"x\", \(tag)")])
            #expect(second.status == .notModified)
            #expect(second.text.isEmpty)
            bench.repository.happen(run.id, .runState, .running)
            let third = try await client.get("/v1/runs/\(run.id)", headers: [("If-None-Match", tag)])
            #expect(third.status == .ok)
        }
    }

    @Test func `tasks are listed by run, state and kind, page by page`() async throws {
        try await Bench().run { client in
            let run = try await client.submit()
            _ = try await client.submit()
            let all = try await client.get("/v1/runs/\(run.id)/tasks").decode(RecordList<TaskRecord>.self)
            #expect(Set(all.data.map(\.key)) == ["noop.0", "noop.1", "noop.2"])
            let page = try await client.get("/v1/runs/\(run.id)/tasks?limit=2").decode(RecordList<TaskRecord>.self)
            #expect(page.data == Array(all.data.prefix(2)))
            let rest = try await client.get("/v1/runs/\(run.id)/tasks?cursor=\(try #require(page.nextCursor))")
                .decode(RecordList<TaskRecord>.self)
            #expect(rest.data == Array(all.data.suffix(1)))
            let none = try await client.get("/v1/runs/\(run.id)/tasks?status=running")
            #expect(try none.decode(RecordList<TaskRecord>.self).data.isEmpty)
            let every = try await client.get("/v1/tasks?kind=noop").decode(RecordList<TaskRecord>.self)
            #expect(every.data.count == 6)
            let one = try #require(all.data.first)
            #expect(try await client.get("/v1/tasks/\(one.id)").decode(TaskRecord.self) == one)
        }
    }

    @Test func `workers and queues are told, with how many workers to add`() async throws {
        try await Bench().run { client in
            let workers = try await client.get("/v1/workers").decode(RecordList<WorkerRecord>.self)
            #expect(workers.data.map(\.name) == ["gpu-1"])
            let stats = try await client.get("/v1/queue_stats").decode(QueueStats.self)
            #expect(stats.workersToAdd == QueueStats.Suggestion(min: 2, max: 3))
        }
    }

    @Test(arguments: [(0, 0.0, 0, 0), (10, 1, 0, 0), (11, 1, 2, 3), (50, 1, 2, 3), (51, 1, 5, 10), (1, 301, 1, 2)])
    func `workers to add follow the queue and the wait`(queued: Int, wait: Double, min: Int, max: Int) {
        let expected = QueueStats.Suggestion(min: min, max: max)
        #expect(QueueStats.suggestion(queued: queued, averageWaitSeconds: wait) == expected)
    }

    @Test func `a long poll answers when the run has ended`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            async let answer = client.get("/v1/runs/\(run.id)", headers: [("Prefer", "wait=30")])
            bench.repository.happen(run.id, .runState, .succeeded)
            let response = try await answer
            #expect(try response.decode(RunRecord.self).state == .succeeded)
            #expect(response.headers[.preferenceApplied] == "wait=30")
        }
    }

    @Test func `a long poll answers when its time is up`() async throws {
        try await Bench().run { client in
            let run = try await client.submit()
            let response = try await client.get("/v1/runs/\(run.id)", headers: [("Prefer", "respond-async, wait=1")])
            #expect(try response.decode(RunRecord.self).state == .queued)
        }
    }
}
