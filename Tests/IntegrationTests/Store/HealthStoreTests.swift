import Foundation
import Logging
import Orchestrator
import Postgres
import StudioCore
import StudioStore
import Testing

/// What is remembered of workers by their names, and for how long.
@Suite struct HealthStoreTests {
    private static let failure = TaskFailure(.temporary, code: "executor_failed", detail: "exit status 1")

    private func fail(_ task: TaskID, attempt: Int = 0, by worker: WorkerID, _ bench: StoreBench) async throws {
        let next = try await bench.claim(task, attempt: attempt, by: worker)
        #expect(try await bench.report(task, attempt: next, by: worker, .failed(Self.failure)) == .applied)
    }

    /// Quarantines a worker by failures at three tasks, and answers them.
    private func quarantine(_ worker: WorkerID, _ bench: StoreBench) async throws -> [TaskID] {
        let (_, tasks) = try await bench.submitted(tasks: 3, attemptsMax: 5)
        for task in tasks { try await fail(task, by: worker, bench) }
        return tasks
    }

    @Test func `a canary that fails the task it failed last is sent away again`() async throws {
        try await StoreBench.with { bench in
            let worker = try await bench.register("gpu-1")
            let tasks = try await quarantine(worker, bench)
            try await bench.client.execute("UPDATE worker_health SET quarantined_until = now()")
            try await fail(tasks[2], attempt: 1, by: worker, bench)
            let rows = try await bench.client.query(
                "SELECT strikes, extract(epoch FROM quarantined_until - now())::float8 AS left FROM worker_health")
            #expect(try rows[0].decode("strikes", as: Int.self) == 2)
            #expect((100...120).contains(try rows[0].decode("left", as: Double.self)))
        }
    }

    @Test func `failures that are reported together count once for each task, but for the one that failed last`()
        async throws
    {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 3, attemptsMax: 5)
            let worker = try await bench.register("gpu-1")
            try await fail(tasks[0], by: worker, bench)
            for (task, attempt) in [(tasks[0], 1), (tasks[1], 0)] {
                _ = try await bench.claim(task, attempt: attempt, by: worker)
            }
            let outcomes = try await bench.tasks.apply(
                [(tasks[0], 2), (tasks[1], 1)].map { task, attempt in
                    TaskReport(
                        task: task, attempt: attempt, worker: worker, result: .failed(Self.failure),
                        times: TaskReport.Times(download: 0, compute: 0, upload: 0))
                })
            #expect(outcomes == [.applied, .applied])
            let row = try await bench.client.query("SELECT failures, last_task, detail FROM worker_health")[0]
            #expect(try row.decode("failures", as: Int.self) == 2)
            #expect(TaskID(try row.decode("last_task", as: UUID.self)) == tasks[1], "the last of them")
            #expect(try row.decode("detail", as: String.self) == "executor_failed")
        }
    }

    @Test func `a worker that was paused or drained is paused when it is started again, until told to work`()
        async throws
    {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            for wish in [DesiredWorkerState.paused, .draining] {
                let name = "gpu-\(wish.rawValue)"
                let first = try await bench.register(name)
                _ = try await bench.runs.want(wish, of: first)
                let second = try await bench.register(name)
                let sighting = WorkerSighting(id: second, running: 0, draining: false)
                #expect(try await bench.workers.see([sighting]) == [second: .hold])
                #expect(try await bench.isTurnedAway(tasks[0], second))
                _ = try await bench.runs.want(.active, of: second)
                #expect(try await bench.workers.see([sighting]) == [second: .work])
                // The newest of its name counts, and what it says again changes nothing.
                let third = try await bench.register(name)
                #expect(try await bench.runs.workers().first { $0.id == third }?.state == .active)
            }
            let other = try await bench.register("gpu-other")
            #expect(try await bench.claim(tasks[0], by: other) == 1)
        }
    }

    @Test func `an operator ends a quarantine, and the worker still has to show that it can`() async throws {
        try await StoreBench.with { bench in
            let worker = try await bench.register("gpu-1")
            let tasks = try await quarantine(worker, bench)
            let away = try #require(try await bench.runs.workers().first)
            #expect(away.state == .quarantined)
            #expect(away.quarantineCode == "executor_failed")
            #expect(away.quarantinedUntil != nil)
            let back = try #require(try await bench.runs.want(.active, of: worker))
            #expect(back.state == .active)
            #expect(back.quarantinedUntil == nil && back.quarantineCode == nil)
            _ = try await bench.claim(tasks[0], attempt: 1, by: worker)
            #expect(try await bench.isTurnedAway(tasks[1], attempt: 1, worker))
            let why = try #require(try await bench.runs.why(tasks[1], tenant: .standard))
            #expect(why.workers.map(\.isAble) == [false])
            #expect(why.workers[0].detail.contains("one task at a time"))
            #expect(why.causes.map(\.code).contains(.noSlot))
        }
    }

    @Test func `another operator's wish leaves a quarantine as it is`() async throws {
        try await StoreBench.with { bench in
            let worker = try await bench.register("gpu-1")
            _ = try await quarantine(worker, bench)
            #expect(try await bench.runs.want(.paused, of: worker)?.quarantinedUntil != nil)
        }
    }

    @Test func `the ledger keeps the name of a worker that was forgotten`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            let worker = try await bench.register("gpu-1")
            try await bench.finish(tasks[0], by: worker)
            try await bench.client.execute("UPDATE workers SET last_seen = now() - interval '2 days'")
            #expect(try await bench.workers.sweep(silentFor: Sweeper.workerAge) == 1)
            #expect(try await bench.runs.attempts(of: tasks[0], tenant: .standard)?.map(\.workerName) == ["gpu-1"])
            #expect(try await bench.runs.task(tasks[0], tenant: .standard)?.worker == "gpu-1")
        }
    }

    @Test func `what is old is forgotten, and what is in use is not`() async throws {
        try await StoreBench.with { bench in
            let worker = try await bench.register("gone")
            _ = try await quarantine(worker, bench)
            let alive = try await bench.register("alive")
            _ = try await quarantine(alive, bench)
            guard case .created(let old) = try await bench.submit(tasks: 1, key: "old") else {
                Issue.record("not created")
                return
            }
            try await bench.submit(tasks: 1, key: "young")
            let sweeper = Sweeper(runs: bench.runs, workers: bench.workers, logger: PostgresBench.quiet)
            #expect(try await !sweeper.sweep())
            guard case .replayed(let same) = try await bench.submit(tasks: 1, key: "old") else {
                Issue.record("forgotten too early")
                return
            }
            #expect(same.id == old.id)
            for statement: SQL in [
                "UPDATE worker_health SET updated_at = now() - interval '25 hours'",
                "UPDATE workers SET last_seen = now() - interval '25 hours' WHERE name = 'gone'",
                "UPDATE idempotency_keys SET created_at = now() - interval '49 hours' WHERE key = 'old'",
            ] { try await bench.client.execute(statement) }
            #expect(try await !sweeper.sweep())
            func names(_ statement: SQL) async throws -> [String] {
                try await bench.client.query(statement).map { try $0.decode("name") }
            }
            #expect(try await names("SELECT name FROM worker_health") == ["alive"])
            #expect(try await names("SELECT name FROM workers") == ["alive"])
            #expect(try await names("SELECT key AS name FROM idempotency_keys") == ["young"])
            #expect(try await bench.runs.run(old.id, tenant: .standard) != nil)
        }
    }
}
