import Foundation
import Postgres
import StudioCore
import StudioStore
import Testing

/// How much of a tenant's work may be repetition.
@Suite struct RetryBudgetStoreTests {
    private static let worker = WorkerID()
    private static let failure = TaskFailure(.temporary, code: "broken_model", detail: "it fails at everything")

    /// Twenty per cent and two more, of what was begun within the last hour.
    private static func tasks(_ bench: StoreBench) -> TaskStore {
        TaskStore(
            client: bench.client, retryPolicy: bench.tasks.retryPolicy,
            retryBudget: RetryBudget(percent: 20, retriesMin: 2, window: .seconds(3_600)))
    }

    private static func fail(_ tasks: some Sequence<TaskID>, attempt: Int = 0, _ bench: StoreBench) async throws {
        for task in tasks {
            let next = try await bench.claim(task, attempt: attempt, by: worker)
            _ = try await bench.report(task, attempt: next, by: worker, .failed(failure))
        }
    }

    @Test func `retries beyond the budget wait, do not fail, and go on in turn when there is room`() async throws {
        try await StoreBench.with { bench in
            let store = Self.tasks(bench)
            let (run, tasks) = try await bench.submitted(tasks: 10)
            try await Self.fail(tasks, bench)
            // Ten attempts allow two retries, and two are always allowed.
            #expect(try await store.holdRetries() == 6)
            #expect(try await store.holdRetries() == 0, "once is enough")
            let first = try await store.pickHints(in: Lane.all, window: .standard).map(\.task)
            #expect(Set(first) == Set(tasks.prefix(4)), "those that have waited longest go first")
            #expect(try await bench.states(Array(tasks.suffix(6))).allSatisfy { $0 == .retrying })
            #expect(try await bench.runState(run) == .running)
            #expect(try await store.releaseParked() == 0, "hinted retries count before they begin")

            let why = try #require(try await bench.runs.why(tasks[9], tenant: .standard))
            #expect(why.causes.map(\.code) == [.noWorker], "the worker of this test has not said hello")

            // What others do makes room: forty attempts more allow eight.
            let (_, good) = try await bench.submitted(tasks: 40)
            for task in good { try await bench.finish(task, by: Self.worker) }
            #expect(try await store.releaseParked() == 6)
            #expect(try await store.holdRetries() == 0, "what was let go is not held again")
            let second = try await store.pickHints(in: Lane.all, window: .standard).map(\.task)
            #expect(Set(second) == Set(tasks.suffix(6)))
            for task in tasks { try await bench.finish(task, after: 1, by: Self.worker) }
            #expect(try await bench.runState(run) == .succeeded)
            try await bench.expectConsistent(run)
        }
    }

    @Test func `why tells that the budget holds a task up`() async throws {
        try await StoreBench.with { bench in
            let store = Self.tasks(bench)
            _ = try await bench.register("noop-1")
            let (_, tasks) = try await bench.submitted(tasks: 5)
            try await Self.fail(tasks, bench)
            #expect(try await store.holdRetries() == 2)
            let held = try #require(try await bench.runs.why(tasks[4], tenant: .standard))
            #expect(held.causes.first?.code == .retryBudget)
            let free = try #require(try await bench.runs.why(tasks[0], tenant: .standard))
            #expect(!free.causes.map(\.code).contains(.retryBudget))
        }
    }

    @Test func `newer retries get in line behind those that are held`() async throws {
        try await StoreBench.with { bench in
            let store = Self.tasks(bench)
            let (_, tasks) = try await bench.submitted(tasks: 5)
            try await Self.fail(tasks, bench)
            #expect(try await store.holdRetries() == 2)
            let (_, others) = try await bench.submitted(tasks: 20)
            for task in others.dropFirst() { try await bench.finish(task, by: Self.worker) }
            try await Self.fail(others.prefix(1), bench)
            #expect(try await store.holdRetries() == 1, "there is room, but not before the others")
            #expect(try await store.releaseParked() == 3)
        }
    }

    @Test func `one tenant's failures hold nobody else's retries up`() async throws {
        try await StoreBench.with { bench in
            let store = Self.tasks(bench)
            let unlucky = TenantID()
            try await bench.client.execute("INSERT INTO tenants (id, name) VALUES (\(unlucky.uuid), 'unlucky')")
            guard case .created(let run) = try await bench.submit(tasks: 10, tenant: unlucky) else {
                Issue.record("not created")
                return
            }
            let theirs = try await bench.runs.tasks(TaskFilter(run: run.id), after: nil, limit: 100, tenant: unlucky)
            try await Self.fail(theirs.items.map(\.id), bench)
            let (_, ours) = try await bench.submitted(tasks: 2)
            try await Self.fail(ours, bench)
            #expect(try await store.holdRetries() == 6)
            let picked = try await store.pickHints(in: Lane.all, window: .standard).map(\.task)
            #expect(Set(picked).isSuperset(of: ours))
        }
    }

    @Test func `one kind's failures hold no other kind's retries up`() async throws {
        try await StoreBench.with { bench in
            let store = TaskStore(
                client: bench.client, retryPolicy: bench.tasks.retryPolicy,
                retryBudget: RetryBudget(percent: 0, retriesMin: 2, window: .seconds(3_600)))
            let (_, broken) = try await bench.submitted(tasks: 5)
            try await Self.fail(broken, bench)
            #expect(try await store.holdRetries() == 3)
            try await Self.fail(broken.prefix(2), attempt: 1, bench)
            #expect(try await store.holdRetries() == 2, "the budget of this kind is used up")

            let sounds = try await Self.sounds(bench)
            try await Self.fail(sounds, bench)
            #expect(try await store.holdRetries() == 0)
            let picked = try await store.pickHints(in: Lane.all, window: .standard).map(\.task)
            #expect(Set(picked) == Set(sounds))
            #expect(try await store.releaseParked() == 0)

            // When there is room again, it is for the kind that waits.
            try await bench.client.execute("UPDATE attempts SET claimed_at = claimed_at - interval '2 hours'")
            #expect(try await store.releaseParked() == 2)
            let kinds = try await bench.client.query("SELECT DISTINCT kind FROM attempts ORDER BY kind")
            #expect(try kinds.map { try $0.decode("kind", as: String.self) } == ["audio", "noop"])
        }
    }

    /// Two tasks of another kind.
    private static func sounds(_ bench: StoreBench) async throws -> [TaskID] {
        let tasks = (0..<2).map { index in
            PlannedTask(
                key: "t\(index)", shot: nil,
                spec: .effect(EffectSpec(prompt: "gull", samples: 1, seed: 1, sampleRate: 48_000)), dependencies: [],
                attemptsMax: 3)
        }
        let plan = RunPlan(
            title: "test", profile: DeliveryProfile(width: 64, height: 64, frameRate: FrameRate(24)), priority: .batch,
            frames: 0, shots: [], entities: [], tasks: tasks)
        let order = NewRun(tenant: .standard, specification: "{}", plan: plan)
        guard case .created(let run) = try await bench.runs.createRun(order) else {
            throw StoreBench.BenchError.notCreated
        }
        return try await bench.tasks(of: run.id).map(\.id)
    }

    @Test func `a task whose worker died, or gave it back, is taken over whatever the budget says`() async throws {
        try await StoreBench.with { bench in
            let store = TaskStore(
                client: bench.client, retryPolicy: bench.tasks.retryPolicy,
                retryBudget: RetryBudget(percent: 0, retriesMin: 1, window: .seconds(3_600)))
            let (_, tasks) = try await bench.submitted(tasks: 8)
            for task in tasks.prefix(4) { _ = try await bench.claim(task, by: Self.worker, lease: .zero) }
            #expect(try await bench.tasks.expireLeases(limit: 10).count == 4)
            for task in tasks.suffix(4) {
                _ = try await bench.claim(task, by: Self.worker)
                _ = try await bench.report(task, attempt: 1, by: Self.worker, .handedBack)
            }
            #expect(try await store.holdRetries() == 0)
            #expect(try await store.pickHints(in: Lane.all, window: .standard).count == 8)
            for task in tasks { try await bench.finish(task, after: 1, by: Self.worker) }
            let retries = try await bench.client.query("SELECT count(*)::int AS n FROM attempts WHERE is_retry")
            #expect(try retries[0].decode("n", as: Int.self) == 0)
        }
    }

    @Test func `a task that the budget holds can be paused, resumed and canceled, and one reopened is no retry`()
        async throws
    {
        try await StoreBench.with { bench in
            let store = Self.tasks(bench)
            let (run, tasks) = try await bench.submitted(tasks: 5)
            try await Self.fail(tasks, bench)
            #expect(try await store.holdRetries() == 2)
            _ = try await bench.done(.pause, tasks[3])
            #expect(try await bench.done(.resume, tasks[3]).state == .queued)
            #expect(try await bench.done(.cancel, tasks[4]).state == .canceled)
            #expect(try await store.pickHints(in: Lane.all, window: .standard).count == 4)
            #expect(try await bench.done(.retry, tasks[4]).state == .queued)
            #expect(try await store.holdRetries() == 0)
            try await bench.finish(tasks[4], after: 1, by: Self.worker)
            let retries = try await bench.client.query(
                "SELECT count(*)::int AS n FROM attempts WHERE is_retry AND task_id = \(tasks[4].uuid)")
            #expect(try retries[0].decode("n", as: Int.self) == 0)
            #expect(try await bench.done(.cancel, run).state == .canceled)
        }
    }
}
