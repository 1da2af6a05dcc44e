import Foundation
import HTTPTypes
import HummingbirdTesting
import StudioCore
import Synchronization
import Testing

@testable import StudioAPI

@Suite struct ControlTests {
    /// A run of three tasks: the first one in `state`, as its run is in `run`.
    private func prepare(
        _ bench: Bench, _ client: Bench.Client, _ state: TaskState, run runState: RunState = .running
    ) async throws -> (run: RunID, task: TaskID) {
        let run = try await client.submit().id
        let task = try #require(
            bench.repository.state.withLock { fake in
                fake.tasks.values.filter { $0.run == run }.map(\.id).min()
            })
        bench.repository.change { fake in
            fake.tasks[task]?.state = state
            fake.runs[run]?.state = runState
        }
        return (run, task)
    }

    @Test(arguments: [
        ("cancel", RunState.queued, TaskState.queued, RunState.canceled),
        ("cancel", .running, .running, .canceling), ("cancel", .paused, .paused, .canceled),
        ("cancel", .canceling, .canceling, .canceling), ("cancel", .canceled, .canceled, .canceled),
        ("pause", .running, .queued, .paused), ("pause", .queued, .queued, .paused),
        ("pause", .paused, .paused, .paused), ("resume", .paused, .paused, .running),
        ("resume", .running, .running, .running), ("retry", .failed, .failed, .queued),
        ("retry?scope=failed", .failed, .failed, .queued), ("retry?scope=all", .succeeded, .succeeded, .queued),
    ])
    func `a run does what is asked, and is answered as it is then`(
        action: String, run: RunState, task: TaskState, after: RunState
    ) async throws {
        let bench = Bench()
        try await bench.run { client in
            let (id, _) = try await prepare(bench, client, task, run: run)
            let response = try await client.send(.post, "/v1/runs/\(id)/\(action)")
            #expect(response.status == .ok)
            let record = try response.decode(RunRecord.self)
            #expect(record.id == id)
            #expect(record.state == after)
            #expect(try await client.get("/v1/runs/\(id)").decode(RunRecord.self) == record)
        }
    }

    @Test(arguments: [
        ("cancel", TaskState.queued, TaskState.canceled), ("cancel", .running, .canceling),
        ("cancel", .canceled, .canceled), ("pause", .queued, .paused), ("pause", .retrying, .paused),
        ("pause", .paused, .paused), ("resume", .paused, .queued), ("resume", .queued, .queued),
        ("retry", .failed, .queued), ("retry", .canceled, .queued), ("retry", .retrying, .retrying),
    ])
    func `a task does what is asked, and is answered as it is then`(
        action: String, state: TaskState, after: TaskState
    ) async throws {
        let bench = Bench()
        try await bench.run { client in
            let (_, id) = try await prepare(bench, client, state)
            let response = try await client.send(.post, "/v1/tasks/\(id)/\(action)")
            #expect(response.status == .ok)
            let record = try response.decode(TaskRecord.self)
            #expect(record.id == id)
            #expect(record.state == after)
        }
    }

    @Test(arguments: [
        ("runs", "cancel", TaskState.succeeded, RunState.succeeded, "nothing to cancel"),
        ("runs", "cancel", .failed, .failed, "nothing to cancel"),
        ("runs", "pause", .running, .canceling, "Wait until it is canceled"),
        ("runs", "pause", .failed, .failed, "retry"), ("runs", "resume", .canceled, .canceled, "retry"),
        ("runs", "retry", .succeeded, .succeeded, "scope=all"), ("runs", "retry", .running, .running, "ask again when"),
        ("runs", "retry?scope=all", .succeeded, .running, "scope=failed"),
        ("tasks", "cancel", .succeeded, .running, "nothing to cancel"),
        ("tasks", "pause", .running, .running, "pausing its run"),
        ("tasks", "pause", .blocked, .running, "waits for another task"),
        ("tasks", "resume", .running, .running, "not paused"),
        ("tasks", "retry", .succeeded, .succeeded, "scope=all"), ("tasks", "retry", .paused, .running, "Resume it"),
        ("tasks", "retry", .skipped, .failed, "retry that first, or the run"),
    ])
    func `what its state forbids is 409, and says the state, what was asked and what to ask instead`(
        noun: String, action: String, task: TaskState, run: RunState, cure: String
    ) async throws {
        let bench = Bench()
        try await bench.run { client in
            let ids = try await prepare(bench, client, task, run: run)
            let id = noun == "runs" ? "\(ids.run)" : "\(ids.task)"
            let problem = try await client.send(.post, "/v1/\(noun)/\(id)/\(action)")
                .problem(.conflict, "wrong_state")
            #expect(problem.detail.contains(noun == "runs" ? run.rawValue : task.rawValue))
            #expect(problem.detail.contains(try #require(action.split(separator: "?").first)))
            #expect(problem.detail.contains(cure))
            #expect(!problem.retryable)
        }
    }

    @Test func `a failed task that a store refuses to retry is said to need something that did not succeed`() {
        for state in [TaskState.failed, .canceled] {
            let problem = Problem.wrongState(TaskAction.retry, of: state).record
            #expect(problem.detail.contains("retry that first, or the run"))
        }
    }

    @Test(arguments: ["cancel", "pause", "resume", "retry"])
    func `a body is 400 and changes nothing, as what it says would be ignored`(action: String) async throws {
        let bench = Bench()
        try await bench.run { client in
            let (run, task) = try await prepare(bench, client, .failed)
            for path in ["/v1/runs/\(run)/\(action)", "/v1/tasks/\(task)/\(action)"] {
                for body in [#"{"scope":"all"}"#, "{}", " "] {
                    _ = try await client.send(.post, path, body).problem(.badRequest, "unexpected_body")
                }
            }
            #expect(bench.repository.state.withLock { $0.tasks[task]?.state } == .failed)
            #expect(bench.repository.state.withLock { $0.runs[run]?.state } == .running)
            #expect(try await client.send(.post, "/v1/runs/\(run)/retry", "").status == .ok)
        }
    }

    private static let paths: [String] =
        ["cancel", "pause", "resume", "retry"].flatMap { action in
            [
                "/v1/runs/\(RunID())/\(action)", "/v1/runs/garbage/\(action)", "/v1/runs/\(TaskID())/\(action)",
                "/v1/tasks/\(TaskID())/\(action)", "/v1/tasks/garbage/\(action)", "/v1/tasks/\(RunID())/\(action)",
            ]
        }

    @Test(arguments: paths)
    func `an unknown id is 404, also one that is none`(path: String) async throws {
        try await Bench().run { client in
            _ = try await client.send(.post, path).problem(.notFound, "not_found")
        }
    }

    @Test(arguments: [
        "/v1/tasks/\(TaskID())/attempts", "/v1/tasks/\(TaskID())/why", "/v1/runs/\(RunID())/spent",
        "/v1/tasks/garbage/attempts", "/v1/tasks/garbage/why", "/v1/runs/garbage/spent",
    ])
    func `what is told of an unknown id is 404`(path: String) async throws {
        try await Bench().run { client in
            _ = try await client.get(path).problem(.notFound, "not_found")
        }
    }

    @Test func `another tenant's run and tasks are not there, and stay as they are`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let (run, task) = try await prepare(bench, client, .queued)
            bench.repository.change { $0.tenants[run] = TenantID() }
            for action in ["cancel", "pause", "resume", "retry"] {
                _ = try await client.send(.post, "/v1/runs/\(run)/\(action)").problem(.notFound, "not_found")
                _ = try await client.send(.post, "/v1/tasks/\(task)/\(action)").problem(.notFound, "not_found")
            }
            for path in ["/v1/runs/\(run)/spent", "/v1/tasks/\(task)/attempts", "/v1/tasks/\(task)/why"] {
                _ = try await client.get(path).problem(.notFound, "not_found")
            }
            let (left, right) = bench.repository.state.withLock { ($0.runs[run]?.state, $0.tasks[task]?.state) }
            #expect(left == .running)
            #expect(right == .queued)
        }
    }

    @Test(arguments: ["cancel?x=1", "pause?scope=all", "resume?force", "retry?scop=all"])
    func `an unknown query parameter is 400 and changes nothing`(action: String) async throws {
        let bench = Bench()
        try await bench.run { client in
            let (run, task) = try await prepare(bench, client, .queued)
            for path in ["/v1/runs/\(run)/\(action)", "/v1/tasks/\(task)/\(action)"] {
                let problem = try await client.send(.post, path).problem(.badRequest, "invalid_query")
                #expect(problem.errors?.map(\.code) == ["unknown_parameter"])
            }
            #expect(bench.repository.state.withLock { $0.runs[run]?.state } == .running)
        }
    }

    @Test(arguments: [
        ("scope=some", "unknown_value"), ("scope=", "unknown_value"), ("scope=all&scope=failed", "duplicate"),
    ])
    func `a scope that is none is 400, and the known ones are told`(query: String, code: String) async throws {
        let bench = Bench()
        try await bench.run { client in
            let (run, _) = try await prepare(bench, client, .failed, run: .failed)
            let problem = try await client.send(.post, "/v1/runs/\(run)/retry?\(query)")
                .problem(.badRequest, "invalid_query")
            let fault = try #require(problem.errors?.first)
            #expect(fault.pointer == "?scope")
            #expect(fault.code == code)
            if code == "unknown_value" { #expect(fault.detail.contains("failed, all")) }
        }
    }

    @Test func `without a scope only what did not succeed is done once more`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let (run, task) = try await prepare(bench, client, .failed, run: .failed)
            bench.repository.change { fake in
                for id in fake.tasks.keys where id != task { fake.tasks[id]?.state = .succeeded }
            }
            #expect(try await client.send(.post, "/v1/runs/\(run)/retry").status == .ok)
            let states = bench.repository.state.withLock { $0.tasks.mapValues(\.state) }
            #expect(states[task] == .queued)
            #expect(states.values.count { $0 == .succeeded } == 2)
        }
    }

    @Test func `a repeated key is answered with what is now, and does nothing again`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let (run, task) = try await prepare(bench, client, .failed, run: .failed)
            let headers = [("Idempotency-Key", "k")]
            let first = try await client.send(.post, "/v1/runs/\(run)/retry", headers: headers)
            #expect(first.headers[.idempotencyReplayed] == nil)
            #expect(try first.decode(RunRecord.self).state == .queued)
            // It fails once more; the late repetition of the first request must not begin it anew.
            bench.repository.change { fake in
                fake.tasks[task]?.state = .failed
                fake.runs[run]?.state = .failed
            }
            let second = try await client.send(.post, "/v1/runs/\(run)/retry", headers: headers)
            #expect(second.status == .ok)
            #expect(second.headers[.idempotencyReplayed] == "true")
            #expect(try second.decode(RunRecord.self).state == .failed)
        }
    }

    @Test func `a repeated key of a task is answered likewise`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let (_, task) = try await prepare(bench, client, .failed, run: .failed)
            let headers = [("Idempotency-Key", "k")]
            _ = try await client.send(.post, "/v1/tasks/\(task)/retry", headers: headers)
            bench.repository.change { $0.tasks[task]?.state = .failed }
            let second = try await client.send(.post, "/v1/tasks/\(task)/retry", headers: headers)
            #expect(second.headers[.idempotencyReplayed] == "true")
            #expect(try second.decode(TaskRecord.self).state == .failed)
        }
    }

    @Test func `a key that came with another request is 422`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let (run, task) = try await prepare(bench, client, .failed, run: .failed)
            let headers = [("Idempotency-Key", "k")]
            #expect(try await client.send(.post, "/v1/runs/\(run)/retry", headers: headers).status == .ok)
            let (other, _) = try await prepare(bench, client, .queued)
            for path in [
                "/v1/runs/\(run)/retry?scope=all", "/v1/runs/\(run)/cancel", "/v1/runs/\(other)/cancel",
                "/v1/tasks/\(task)/cancel",
            ] {
                _ = try await client.send(.post, path, headers: headers)
                    .problem(.unprocessableContent, "idempotency_key_reused")
            }
            _ = try await client.send(.post, "/v1/runs", Bench.load, headers: headers)
                .problem(.unprocessableContent, "idempotency_key_reused")
        }
    }

    @Test func `what was refused may be asked again with its key`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let (run, task) = try await prepare(bench, client, .succeeded, run: .succeeded)
            let headers = [("Idempotency-Key", "k")]
            _ = try await client.send(.post, "/v1/runs/\(run)/retry", headers: headers)
                .problem(.conflict, "wrong_state")
            bench.repository.change { fake in
                fake.tasks[task]?.state = .failed
                fake.runs[run]?.state = .failed
            }
            let again = try await client.send(.post, "/v1/runs/\(run)/retry", headers: headers)
            #expect(again.status == .ok)
            #expect(again.headers[.idempotencyReplayed] == nil)
        }
    }

    @Test func `a key whose first request is not answered yet is 409, and may be tried again`() async throws {
        let bench = Bench()
        bench.repository.change { $0.inFlight = ["k"] }
        try await bench.run { client in
            let (run, task) = try await prepare(bench, client, .queued)
            for path in ["/v1/runs/\(run)/cancel", "/v1/tasks/\(task)/cancel"] {
                let response = try await client.send(.post, path, headers: [("Idempotency-Key", "k")])
                #expect(try response.problem(.conflict, "idempotency_key_in_flight").retryable)
                #expect(response.headers[.retryAfter] == "1")
            }
        }
    }

    @Test(arguments: ["", "\"\"", String(repeating: "k", count: 256)])
    func `a key that is empty or too long is 400`(key: String) async throws {
        let bench = Bench()
        try await bench.run { client in
            let (run, task) = try await prepare(bench, client, .queued)
            for path in ["/v1/runs/\(run)/pause", "/v1/tasks/\(task)/pause"] {
                _ = try await client.send(.post, path, headers: [("Idempotency-Key", key)])
                    .problem(.badRequest, "invalid_idempotency_key")
            }
        }
    }

    @Test func `reading what is to be asked by POST is 405`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let (run, task) = try await prepare(bench, client, .queued)
            for path in ["/v1/runs/\(run)/cancel", "/v1/tasks/\(task)/retry"] {
                let response = try await client.get(path)
                _ = try response.problem(.methodNotAllowed, "method_not_allowed")
                #expect(response.headers[.allow] == "POST")
            }
        }
    }

    @Test func `a task tells its attempts, and a run what they cost`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let (run, task) = try await prepare(bench, client, .running)
            #expect(
                try await client.get("/v1/tasks/\(task)/attempts").decode(RecordList<AttemptEntry>.self).data.isEmpty)
            bench.repository.change { $0.tasks[task]?.attempt = AttemptRecord(n: 2, max: 3) }
            let attempts = try await client.get("/v1/tasks/\(task)/attempts").decode(RecordList<AttemptEntry>.self)
            #expect(attempts.data.map(\.n) == [1, 2])
            #expect(attempts.data.map(\.outcome) == ["failed", nil])
            #expect(attempts.nextCursor == nil)
            let spent = try await client.get("/v1/runs/\(run)/spent").decode(SpentRecord.self)
            #expect(spent.run == run)
            #expect(spent.total.compute == 3.5)
        }
    }

    @Test func `why a task waits is told anew each time`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let (_, task) = try await prepare(bench, client, .retrying)
            let response = try await client.get("/v1/tasks/\(task)/why")
            let why = try response.decode(WhyRecord.self)
            #expect(why.state == .retrying)
            #expect(why.causes.first?.code == .backoff)
            #expect(why.workers.map(\.name) == ["gpu-1"])
            #expect(response.text.contains(#""is_able":true"#))
            #expect(response.headers[.eTag] == nil)
        }
    }
}
