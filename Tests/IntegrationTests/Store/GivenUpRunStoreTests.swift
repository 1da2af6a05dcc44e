import Postgres
import StudioCore
import StudioStore
import Testing

/// How runs end that are given up or taken up again, where the simulation found the books wrong.
@Suite(.timeLimit(.minutes(2))) struct GivenUpRunStoreTests {
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

    @Test func `a run done once more after its deadline has as much time again`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 1)
            try await bench.client.execute(
                """
                UPDATE runs SET created_at = now() - interval '3 hours', deadline_at = now() - interval '2 hours'
                WHERE id = \(run.uuid)
                """)
            try await bench.finish(tasks[0], by: worker)
            #expect(try await bench.runState(run) == .succeeded)
            #expect(try await bench.done(.retry(.all), run).state == .queued)
            #expect(try await bench.runs.cancelOverdue(limit: 10).isEmpty)
            let rows = try await bench.client.query(
                """
                SELECT deadline_at BETWEEN now() + interval '59 minutes' AND now() + interval '1 hour' AS is_later
                FROM runs WHERE id = \(run.uuid)
                """)
            #expect(try rows[0].decode("is_later"))
        }
    }

    @Test func `what the dispatcher queues while its run is canceled is canceled with it`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 1)
            _ = try await bench.claim(tasks[0], by: worker)
            let failure = TaskFailure(.temporary, code: "again", detail: "soon")
            _ = try await bench.report(tasks[0], attempt: 1, by: worker, .failed(failure))
            #expect(try await bench.state(tasks[0]) == .retrying)
            try await withThrowingTaskGroup(of: Void.self) { group in
                let isPicked = AsyncStream<Void>.makeStream()
                group.addTask {
                    try await bench.client.transaction { transaction in
                        try transaction.execute(
                            """
                            UPDATE tasks SET state = 'queued', hint_expires = now() + interval '30 seconds'
                            WHERE id = \(tasks[0].uuid)
                            """)
                        isPicked.continuation.finish()
                        // Until the cancel stands before the row that this transaction has changed.
                        let limit = ContinuousClock.now + .seconds(20)
                        while try ContinuousClock.now < limit
                            && transaction.query(
                                """
                                SELECT FROM pg_locks
                                WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)) LIMIT 1
                                """
                            ).isEmpty
                        {}
                    }
                }
                for await _ in isPicked.stream {}
                #expect(try await bench.done(.cancel, run).state == .canceled)
                try await group.waitForAll()
            }
            #expect(try await bench.state(tasks[0]) == .canceled)
            try await bench.expectConsistent(run)
        }
    }
}
