import Logging
import Orchestrator
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
            #expect(try await bench.giveUpOverdue() == [run])
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

    @Test func `a run done once more has as much time again as at first, however often`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 1, deadlineSeconds: 3_600)
            for attempt in 0..<3 {
                // Long ago: the time that has passed counts for nothing.
                try await bench.client.execute(
                    """
                    UPDATE runs SET created_at = created_at - interval '3 hours',
                        deadline_at = deadline_at - interval '3 hours' WHERE id = \(run.uuid)
                    """)
                try await bench.finish(tasks[0], after: attempt, by: worker)
                #expect(try await bench.runState(run) == .succeeded)
                let reopened = try await bench.done(.retry(.all), run)
                #expect(reopened.state == .queued)
                #expect(try await bench.giveUpOverdue().isEmpty)
                let rows = try await bench.client.query(
                    "SELECT extract(epoch FROM deadline_at - now())::float8 AS left FROM runs WHERE id = \(run.uuid)")
                let left = try rows[0].decode("left", as: Double.self)
                #expect((3_540...3_600).contains(left))
                #expect(reopened.deadlineAt != nil)
            }
        }
    }

    @Test func `a run that cannot be given up keeps no other from it, and keeps what it had`() async throws {
        try await StoreBench.with { bench in
            let (stuck, tasks) = try await bench.submitted(tasks: 3)
            let (late, _) = try await bench.submitted(tasks: 2)
            // What only a fault of the database would do to a run.
            try await bench.client.execute("ALTER TABLE tasks ADD CHECK (key <> 't2' OR state <> 'canceled')")
            for (run, age) in [(stuck, 2.0), (late, 1.0)] {
                try await bench.client.execute(
                    "UPDATE runs SET deadline_at = now() - make_interval(secs => \(age)) WHERE id = \(run.uuid)")
            }
            let keeper = DeadlineKeeper(runs: bench.runs, logger: PostgresBench.quiet)
            #expect(try await keeper.giveUp() == 1)
            #expect(try await bench.runState(late) == .failed)
            #expect(try await bench.states(tasks) == [.queued, .queued, .queued])
            try await bench.expectConsistent(stuck)
            #expect(try await keeper.giveUp() == 1, "it is tried again")
        }
    }

    @Test func `a run taken up again while it is about to be given up has its new deadline`() async throws {
        try await StoreBench.with { bench in
            let (run, _) = try await bench.submitted(tasks: 1)
            try await bench.client.execute(
                "UPDATE runs SET deadline_at = now() - interval '1 second' WHERE id = \(run.uuid)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                let isHeld = AsyncStream<Void>.makeStream()
                group.addTask {
                    try await bench.client.transaction { transaction in
                        try transaction.execute(
                            "UPDATE runs SET deadline_at = now() + interval '1 hour' WHERE id = \(run.uuid)")
                        isHeld.continuation.finish()
                        try Self.waitUntilSomebodyWaits(for: transaction)
                    }
                }
                for await _ in isHeld.stream {}
                #expect(try await !bench.runs.giveUp(run))
                try await group.waitForAll()
            }
            #expect(try await bench.runState(run) == .queued)
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
                        try Self.waitUntilSomebodyWaits(for: transaction)
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

    /// Keeps the transaction open until somebody stands before a row that it has changed.
    private static func waitUntilSomebodyWaits(for transaction: borrowing Transaction) throws {
        let limit = ContinuousClock.now + .seconds(20)
        while try transaction.query(
            "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)) LIMIT 1"
        ).isEmpty {
            try #require(ContinuousClock.now < limit, "nobody waits")
        }
    }
}
