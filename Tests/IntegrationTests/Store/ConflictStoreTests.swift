import Postgres
import StudioCore
import StudioStore
import Testing

/// What happens to a statement that Postgres gives up, because two transactions wait for each other.
@Suite struct ConflictStoreTests {
    /// Does `body`, which locks these tasks in the order of their identifiers, while somebody locks them the other way
    /// round; Postgres gives up the one that has waited longer, which is `body`.
    private func deadlocked<Value: Sendable>(
        over tasks: [TaskID], _ bench: StoreBench, _ body: () async throws -> Value
    ) async throws -> Value {
        let low = try #require(tasks.min()).uuid
        let high = try #require(tasks.max()).uuid
        let client = bench.client
        async let other: Bool = client.transaction { transaction in
            _ = try transaction.query("SELECT FROM tasks WHERE id = \(high) FOR UPDATE")
            // The view of sessions would not change within a transaction; that of locks does.
            let waits: SQL = "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            var looks = 0
            while try transaction.query(waits).isEmpty, looks < 2_000 {
                _ = try transaction.query("SELECT pg_sleep(0.01)")
                looks += 1
            }
            _ = try transaction.query("SELECT FROM tasks WHERE id = \(low) FOR UPDATE")
            return looks < 2_000
        }
        let isHeld = try await PostgresBench.eventually {
            try await client.query("SELECT FROM tasks WHERE id = \(high) FOR UPDATE SKIP LOCKED").isEmpty
        }
        #expect(isHeld)
        let value = try await body()
        #expect(try await other, "nobody waited for anybody")
        return value
    }

    @Test(.timeLimit(.minutes(1))) func `a renewal is tried again`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 2)
            let worker = WorkerID()
            for task in tasks { _ = try await bench.claim(task, by: worker) }
            let pulses = tasks.map {
                Pulse(task: $0, attempt: 1, worker: worker, phase: "sampling", done: 1, total: 2, unit: "frames")
            }
            let outcomes = try await deadlocked(over: tasks, bench) {
                try await bench.tasks.renew(pulses, lease: StoreBench.lease)
            }
            #expect(outcomes == [.renewed, .renewed])
        }
    }

    @Test(.timeLimit(.minutes(1))) func `hints that were not sent are forgotten in the end`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 2)
            let hints = try await bench.tasks.pickHints(in: Lane.all, window: .standard)
            try await deadlocked(over: tasks, bench) { try await bench.tasks.forget(hints) }
            #expect(Set(try await bench.tasks.pickHints(in: Lane.all, window: .standard)) == Set(hints))
        }
    }
}
