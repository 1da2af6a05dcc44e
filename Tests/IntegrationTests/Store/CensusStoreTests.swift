import Foundation
import Postgres
import StudioCore
import StudioStore
import Testing

/// What the gauges are made of.
@Suite struct CensusStoreTests {
    @Test func `a census counts tasks and workers as they stand`() async throws {
        try await StoreBench.with { bench in
            let empty = try await bench.tasks.census()
            #expect(empty.tasks.isEmpty && empty.workers.isEmpty && empty.dispatchLagSeconds == 0)
            let (_, tasks) = try await bench.submitted(tasks: 6, edges: [(5, 4)])
            try await bench.submitted(tasks: 3, requirements: TaskRequirements(model: "wan"))
            let worker = try await bench.register("gpu-1", models: ["flux"])
            let gone = try await bench.register("gpu-2")
            try await bench.client.execute(
                "UPDATE workers SET last_seen = now() - interval '1 minute' WHERE id = \(gone.uuid)")
            try await bench.client.execute(
                "INSERT INTO worker_health (name, quarantined_until) VALUES ('gpu-3', now() + interval '1 minute')")
            _ = try await bench.register("gpu-3")
            _ = try await bench.claim(tasks[0], by: worker)
            try await bench.finish(tasks[1], by: worker)
            _ = try await bench.claim(tasks[2], by: worker)
            let later = TaskFailure(.rateLimit, code: "busy", detail: "later", retryAfterSeconds: 50)
            _ = try await bench.report(tasks[2], attempt: 1, by: worker, .failed(later))
            try await bench.client.execute(
                """
                UPDATE tasks SET queued_at = now() - interval '40 seconds', run_at = now() - interval '40 seconds'
                WHERE id = \(tasks[3].uuid)
                """)

            let before = try await bench.tasks.census()
            #expect((40..<50).contains(before.dispatchLagSeconds), "nothing has been offered yet")
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).count == 2)
            let census = try await bench.tasks.census()
            let counts = Dictionary(uniqueKeysWithValues: census.tasks.map { ($0.state, $0.count) })
            #expect(counts == [.running: 1, .retrying: 1, .queued: 5, .blocked: 1])
            #expect(census.tasks.allSatisfy { $0.kind == .noop })
            #expect((40..<50).contains(census.oldestWaitSeconds[.noop] ?? 0))
            #expect(census.dispatchLagSeconds == 0, "what is parked or offered lags nobody")
            #expect(census.withoutWorker == 3 && census.withoutBudget == 0)
            #expect(census.workers == [.active: 1, .lost: 1, .quarantined: 1])
        }
    }

    @Test func `what an attempt took is no waiting, neither in the census nor in the ledger`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            let worker = WorkerID()
            _ = try await bench.claim(tasks[0], by: worker)
            try await bench.client.execute("UPDATE tasks SET queued_at = now() - interval '1 hour'")
            #expect(try await bench.report(tasks[0], attempt: 1, by: worker, .handedBack) == .applied)
            #expect(try await bench.tasks.census().oldestWaitSeconds[.noop] ?? 3_600 < 1_800)
            _ = try await bench.claim(tasks[0], attempt: 1, by: worker)
            let attempts = try #require(try await bench.runs.attempts(of: tasks[0], tenant: .standard))
            #expect(attempts.map(\.seconds.queue).allSatisfy { (0..<1_800).contains($0) })
        }
    }

    @Test func `everything that a census reads of tasks stands in the index of the open ones`() async throws {
        try await StoreBench.with { bench in
            try await bench.submitted(tasks: 100)
            // A table so small is read faster as it is: what matters is that it need not be read at all.
            let plan = try await bench.client.transaction { transaction in
                try transaction.execute("SET LOCAL enable_seqscan = off")
                try transaction.execute("SET LOCAL enable_bitmapscan = off")
                return try transaction.query("EXPLAIN \(fragment: TaskStore.censusQuery)")
                    .map { try $0.decode("QUERY PLAN", as: String.self) }
            }
            #expect(plan.contains { $0.contains("Index Only Scan using tasks_open") }, "\(plan)")
        }
    }
}
