import Foundation
import Postgres
import StudioCore
import StudioStore
import Testing

/// What people are told of tasks and queues.
@Suite struct WhyStoreTests {
    private func why(_ task: TaskID, _ bench: StoreBench) async throws -> WhyRecord {
        try #require(try await bench.runs.why(task, tenant: .standard))
    }

    @Test func `a running task tells since when, in which phase and until when its lease lasts`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            let worker = try await bench.register("gpu-1")
            _ = try await bench.claim(tasks[0], by: worker)
            let cause = try #require(try await why(tasks[0], bench).causes.first)
            #expect(cause.code == .running)
            #expect(cause.detail.hasPrefix("gpu-1 works on it since 20"))
            #expect(cause.detail.hasSuffix("(dispatched)"))
            let until = try #require(cause.until)
            #expect(until > .now && until < .now + 60)
            try await bench.client.execute("UPDATE workers SET last_seen = now() - interval '1 minute'")
            #expect(try await why(tasks[0], bench).causes[0].detail.contains("has not been heard of since 20"))
        }
    }

    @Test func `a task that waits for its input in a paused run tells both`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 2, edges: [(1, 0)])
            _ = try await bench.done(.pause, run)
            #expect(try await why(tasks[1], bench).causes.map(\.code) == [.paused, .dependency])
            _ = try await bench.done(.resume, run)
            #expect(try await why(tasks[1], bench).causes.map(\.code) == [.dependency])
        }
    }

    @Test func `before a task are those of its tenant that are due and not offered yet`() async throws {
        try await StoreBench.with { bench in
            _ = try await bench.register("noop-1")
            let stranger = TenantID()
            try await bench.client.execute("INSERT INTO tenants (id, name) VALUES (\(stranger.uuid), 'stranger')")
            try await bench.submit(tasks: 3, tenant: stranger)
            let (_, before) = try await bench.submitted(tasks: 4)
            let (_, tasks) = try await bench.submitted(tasks: 1)
            for (task, change): (TaskID, SQL) in [
                (before[0], "hint_expires = now() + interval '30 seconds'"),
                (before[1], "run_at = now() + interval '1 minute'"),
            ] {
                try await bench.client.execute(
                    "UPDATE tasks SET \(fragment: change) WHERE id = \(task.uuid)")
            }
            let waiting = try await why(tasks[0], bench)
            #expect(waiting.causes.map(\.code) == [.window])
            #expect(waiting.causes[0].detail.hasPrefix("2 tasks of its tenant"))
            _ = try await bench.tasks.pickHints(in: Lane.all, window: .standard)
            #expect(try await why(tasks[0], bench).causes.map(\.code) == [.offered])
        }
    }

    @Test func `a worker that has just failed at a task is told apart from those that can take it`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            let failed = try await bench.register("gpu-1")
            _ = try await bench.claim(tasks[0], by: failed)
            let lost = TaskFailure(.resource, code: "gpu_lost", detail: "Xid 79")
            _ = try await bench.report(tasks[0], attempt: 1, by: failed, .failed(lost))
            #expect(try await why(tasks[0], bench).workers.map(\.isAble) == [true], "better there than nowhere")
            let other = try await bench.register("gpu-2")
            let told = try await why(tasks[0], bench)
            #expect(told.workers.map(\.id) == [other, failed])
            #expect(told.workers.map(\.isAble) == [true, false])
            #expect(told.workers[1].detail.contains("failed at this task"))
            // What is told is what is done.
            #expect(try await bench.isTurnedAway(tasks[0], attempt: 1, failed))
            #expect(try await bench.claim(tasks[0], attempt: 1, by: other) == 2)
        }
    }

    @Test func `workers that take no work for now are not counted, nor is time that nobody could have worked`()
        async throws
    {
        try await StoreBench.with { bench in
            for (name, wish): (String, DesiredWorkerState?) in [
                ("active", nil), ("paused", .paused), ("draining", .draining), ("quarantined", nil),
            ] {
                let worker = try await bench.register(name)
                if let wish { _ = try await bench.runs.want(wish, of: worker) }
            }
            try await bench.client.execute(
                """
                INSERT INTO worker_health (name, strikes, quarantined_until)
                VALUES ('quarantined', 1, now() + interval '1 minute')
                """)
            let (_, tasks) = try await bench.submitted(tasks: 2)
            try await bench.client.execute("UPDATE tasks SET queued_at = now() - interval '1 hour'")
            // One waited for its time until half a minute ago, the other one still does.
            for (task, seconds) in [(tasks[0], -30.0), (tasks[1], 30.0)] {
                try await bench.client.execute(
                    "UPDATE tasks SET run_at = now() + make_interval(secs => \(seconds)) WHERE id = \(task.uuid)")
            }
            let stats = try await bench.runs.queueStats(tenant: .standard)
            #expect(stats.workers == 1)
            #expect(stats.queued == 2)
            #expect((15..<20).contains(stats.averageWaitSeconds))
        }
    }

    @Test func `a list of tasks holds what was asked for, and no more`() async throws {
        try await StoreBench.with { bench in
            let (first, tasks) = try await bench.submitted(tasks: 3)
            let (second, _) = try await bench.submitted(tasks: 2)
            _ = try await bench.claim(tasks[0], by: WorkerID())
            func found(_ filter: TaskFilter, after: TaskID? = nil) async throws -> [TaskID] {
                try await bench.runs.tasks(filter, after: after, limit: 10, tenant: .standard).items.map(\.id)
            }
            #expect(try await found(TaskFilter()).count == 5)
            #expect(try await found(TaskFilter(run: first)) == tasks.sorted())
            #expect(try await found(TaskFilter(run: second)).count == 2)
            #expect(try await found(TaskFilter(run: first, states: [.running])) == [tasks[0]])
            #expect(try await found(TaskFilter(states: [.queued], kinds: [.noop])).count == 4)
            #expect(try await found(TaskFilter(kinds: [.audio])).isEmpty)
            #expect(try await found(TaskFilter(run: first), after: tasks.sorted()[0]) == Array(tasks.sorted()[1...]))
        }
    }
}
