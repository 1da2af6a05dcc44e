import Foundation
import Logging
import Postgres
import StudioCore
import StudioStore
import Testing

/// A migrated schema of its own, with the stores over it; dropped afterwards.
struct StoreBench {
    static let lease = Duration.seconds(30)

    let client: PostgresClient
    let runs: RunStore
    let tasks: TaskStore
    let workers: WorkerStore

    static func with(_ body: (StoreBench) async throws -> Void) async throws {
        let url = try #require(
            ProcessInfo.processInfo.environment["DATABASE_URL"], "DATABASE_URL is unset: run the tests by `make test`")
        let schema = "test_\(UInt64.random(in: 0...UInt64.max))"
        let logger = Logger(label: "store-bench") { _ in SwiftLogNoOpLogHandler() }
        let client = PostgresClient(
            configuration: PostgresClient.Configuration(url: url, connections: 8, schema: schema), logger: logger)
        try await client.execute("CREATE SCHEMA \(unsafe: schema)")
        do {
            try await Migrator(client: client, migrations: StudioMigrations.all, logger: logger).migrate()
            // No pause before a retry: tests wait for conditions, not for time.
            let policy = RetryPolicy(firstDelaySeconds: 0, delayMaxSeconds: 0, retryAfterMaxSeconds: 60)
            try await body(
                StoreBench(
                    client: client, runs: RunStore(client: client),
                    tasks: TaskStore(client: client, retryPolicy: policy), workers: WorkerStore(client: client)))
        } catch {
            try await client.execute("DROP SCHEMA \(unsafe: schema) CASCADE")
            await client.close()
            throw error
        }
        try await client.execute("DROP SCHEMA \(unsafe: schema) CASCADE")
        await client.close()
    }

    /// A run of tasks that do nothing; `edges` are pairs of waiting task and task waited for.
    @discardableResult
    func submit(
        tasks count: Int, edges: [(Int, Int)] = [], attemptsMax: Int = 3, key: String? = nil, hash: String = "h",
        tenant: TenantID = .standard, requirements: TaskRequirements = .none, priority: TaskPriority = .batch,
        deadlineSeconds: Int? = nil
    ) async throws -> CreateOutcome {
        let planned = (0..<count).map { index in
            PlannedTask(
                key: "t\(index)", shot: nil, spec: .noop(NoopSpec(sleepMilliseconds: 0)),
                dependencies: edges.filter { $0.0 == index }.map { .init(on: "t\($0.1)", input: "in\($0.1)") },
                attemptsMax: attemptsMax, requirements: requirements)
        }
        let plan = RunPlan(
            title: "test", profile: DeliveryProfile(width: 64, height: 64, frameRate: FrameRate(24)),
            priority: priority,
            frames: 0, shots: [], entities: [], tasks: planned)
        return try await runs.createRun(
            NewRun(
                tenant: tenant, specification: "{}", plan: plan,
                idempotency: key.map { IdempotencyClaim(key: $0, requestHash: hash) }, deadlineSeconds: deadlineSeconds)
        )
    }

    /// Submits, and answers the run and its tasks in the order of their keys.
    @discardableResult
    func submitted(
        tasks count: Int, edges: [(Int, Int)] = [], attemptsMax: Int = 3, requirements: TaskRequirements = .none,
        deadlineSeconds: Int? = nil
    ) async throws -> (run: RunID, tasks: [TaskID]) {
        let outcome = try await submit(
            tasks: count, edges: edges, attemptsMax: attemptsMax, requirements: requirements,
            deadlineSeconds: deadlineSeconds)
        guard case .created(let run) = outcome else { throw BenchError.notCreated }
        let page = try await self.tasks(of: run.id)
        return (run.id, page.sorted { $0.key < $1.key }.map(\.id))
    }

    enum BenchError: Error { case notCreated, notGranted, notDone }

    func tasks(of run: RunID) async throws -> [TaskRecord] {
        try await runs.tasks(TaskFilter(run: run), after: nil, limit: 1000, tenant: .standard).items
    }

    func state(_ task: TaskID) async throws -> TaskState {
        try #require(try await runs.task(task, tenant: .standard)).state
    }

    func runState(_ run: RunID) async throws -> RunState {
        try #require(try await runs.run(run, tenant: .standard)).state
    }

    /// Claims one task for a worker; answers the attempt.
    func claim(_ task: TaskID, attempt: Int = 0, by worker: WorkerID, lease: Duration = lease) async throws -> Int {
        let outcome = try await tasks.claim([ClaimOrder(task: task, attempt: attempt, worker: worker)], lease: lease)
        guard case .granted(let claimed) = outcome.first else { throw BenchError.notGranted }
        return claimed.attempt
    }

    func report(
        _ task: TaskID, attempt: Int, by worker: WorkerID, _ result: TaskReport.Result = .completed([])
    ) async throws -> ReportOutcome? {
        let times = TaskReport.Times(download: 0, compute: 0.5, upload: 0)
        return try await tasks.apply([
            TaskReport(task: task, attempt: attempt, worker: worker, result: result, times: times)
        ]).first
    }
}
