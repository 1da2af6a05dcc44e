import Postgres
import StudioCore
import StudioStore
import Testing

/// How runs end that are given up or taken up again, where the simulation found the books wrong.
@Suite struct GivenUpRunStoreTests {
    private let worker = WorkerID()

    @Test func `a run past its deadline has failed for that reason, although a task had failed before`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 2, attemptsMax: 1)
            for task in tasks { _ = try await bench.claim(task, by: worker) }
            let failure = TaskFailure(.userError, code: "bad_prompt", detail: "no")
            _ = try await bench.report(tasks[0], attempt: 1, by: worker, .failed(failure))
            #expect(try await bench.runs.run(run, tenant: .standard)?.reason?.code == "bad_prompt")
            try await bench.client.execute(
                "UPDATE runs SET deadline_at = now() - interval '1 second' WHERE id = \(run.uuid)")
            #expect(try await bench.runs.cancelOverdue(limit: 10) == [run])
            _ = try await bench.report(tasks[1], attempt: 1, by: worker, .canceled)
            let record = try #require(try await bench.runs.run(run, tenant: .standard))
            #expect(record.state == .failed)
            #expect(record.reason?.code == "deadline_exceeded")
            try await bench.expectConsistent(run)
        }
    }

    @Test func `a run that goes on forgets why a task had failed that was retried and has succeeded`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 2, attemptsMax: 1)
            for task in tasks { _ = try await bench.claim(task, by: worker) }
            let failure = TaskFailure(.userError, code: "bad_prompt", detail: "no")
            _ = try await bench.report(tasks[0], attempt: 1, by: worker, .failed(failure))
            #expect(try await bench.done(.retry(.failed), run).reason == nil)
            try await bench.finish(tasks[0], after: 1, by: worker)
            _ = try await bench.done(.cancel, tasks[1])
            _ = try await bench.report(tasks[1], attempt: 1, by: worker, .canceled)
            let record = try #require(try await bench.runs.run(run, tenant: .standard))
            #expect(record.state == .canceled)
            #expect(record.reason == nil, "nobody gave the run up")
        }
    }

    @Test func `a task is not retried whose input will not be made: it would be skipped at once`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 2, edges: [(1, 0)])
            _ = try await bench.done(.cancel, run)
            guard case .refused(.canceled) = try await bench.runs.control(.retry, task: tasks[1], tenant: .standard)
            else {
                Issue.record("retried, although its input is canceled")
                return
            }
            let record = try #require(try await bench.runs.run(run, tenant: .standard))
            #expect(record.state == .canceled)
            #expect(record.reason?.code == "canceled_by_user")
            #expect(try await bench.done(.retry, tasks[0]).state == .queued)
            #expect(try await bench.states(tasks) == [.queued, .canceled])
            try await bench.expectConsistent(run)
        }
    }
}
