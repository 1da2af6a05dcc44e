import Foundation
import Postgres
import StudioCore
import StudioStore
import Testing

extension StoreBench {
    /// Asks something of a run that must be done, and answers it afterwards.
    func done(
        _ action: RunAction, _ run: RunID, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> RunRecord {
        let outcome = try await runs.control(action, run: run, tenant: .standard)
        guard case .done(let record) = outcome else {
            Issue.record("\(action) was answered \(outcome)", sourceLocation: sourceLocation)
            throw BenchError.notDone
        }
        return record
    }

    /// Asks something of a task that must be done, and answers it afterwards.
    func done(
        _ action: TaskAction, _ task: TaskID, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> TaskRecord {
        let outcome = try await runs.control(action, task: task, tenant: .standard)
        guard case .done(let record) = outcome else {
            Issue.record("\(action) was answered \(outcome)", sourceLocation: sourceLocation)
            throw BenchError.notDone
        }
        return record
    }

    /// Gives up every run whose deadline has passed, and answers those.
    func giveUpOverdue() async throws -> [RunID] {
        var givenUp: [RunID] = []
        for run in try await runs.overdue(limit: 1000) {
            if try await runs.giveUp(run) { givenUp.append(run) }
        }
        return givenUp
    }

    func states(_ tasks: [TaskID]) async throws -> [TaskState] {
        var states: [TaskState] = []
        for task in tasks { states.append(try await state(task)) }
        return states
    }

    /// Claims and completes a task.
    func finish(_ task: TaskID, after attempt: Int = 0, by worker: WorkerID) async throws {
        let next = try await claim(task, attempt: attempt, by: worker)
        #expect(try await report(task, attempt: next, by: worker) == .applied)
    }

    func register(
        _ name: String, kinds: [TaskKind] = [.noop], models: [String] = [], vramMiB: Int = 0,
        labels: [String: String] = [:]
    ) async throws -> WorkerID {
        let id = WorkerID()
        try await workers.register(
            WorkerHello(
                id: id, name: name, kinds: kinds, slots: 4, version: "1", labels: labels, models: models,
                vramMiB: vramMiB))
        return id
    }

    /// Whether a worker does not get a task that anybody could have, and the task is offered again soon.
    func isTurnedAway(_ task: TaskID, attempt: Int = 0, _ worker: WorkerID) async throws -> Bool {
        let outcome = try await tasks.claim(
            [ClaimOrder(task: task, attempt: attempt, worker: worker)], lease: Self.lease)
        guard case .turnedAway = outcome.first else { return false }
        let rows = try await client.query(
            """
            SELECT coalesce(hint_expires <= now() + interval '5 seconds', true) AS soon
            FROM tasks WHERE id = \(task.uuid)
            """)
        return try rows[0].decode("soon")
    }

    func tenants(of hints: [Hint]) async throws -> [TenantID: Int] {
        let rows = try await client.query(
            """
            SELECT tenant_id, count(*)::int AS n FROM tasks WHERE id = ANY(\(hints.map(\.task.uuid))::uuid[])
            GROUP BY tenant_id
            """)
        return Dictionary(
            uniqueKeysWithValues: try rows.map {
                (TenantID(try $0.decode("tenant_id", as: UUID.self)), try $0.decode("n"))
            })
    }

    /// A run's counters are those of its tasks, and its events have no gaps and end where it does.
    func expectConsistent(_ run: RunID, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let row = try await client.query(
            """
            SELECT r.state, r.tasks_succeeded = count(*) FILTER (WHERE t.state = 'succeeded')
                AND r.tasks_failed = count(*) FILTER (WHERE t.state = 'failed')
                AND r.tasks_canceled = count(*) FILTER (WHERE t.state = 'canceled')
                AND r.tasks_skipped = count(*) FILTER (WHERE t.state = 'skipped') AS counted,
                (SELECT array_agg(seq ORDER BY seq) FROM run_events WHERE run_id = r.id) AS sequence,
                (SELECT state FROM run_events WHERE run_id = r.id AND task_id IS NULL ORDER BY seq DESC LIMIT 1) AS last
            FROM runs r JOIN tasks t ON t.run_id = r.id WHERE r.id = \(run.uuid) GROUP BY r.id
            """)[0]
        #expect(try row.decode("counted"), "the counters are wrong", sourceLocation: sourceLocation)
        let sequence = try row.decode("sequence", as: [Int64].self)
        #expect(sequence == Array(1...Int64(sequence.count)), sourceLocation: sourceLocation)
        #expect(
            try row.decode("last", as: String.self) == row.decode("state", as: String.self),
            sourceLocation: sourceLocation)
    }
}
