import FoundationEssentials
import Postgres
import StudioCore

/// The runs that a transaction has locked, with the moves of their tasks: keeps counters, states and events in step.
///
/// Every transaction that changes the state of tasks begins by locking their runs in id order, and ends with
/// ``flush(in:)``. So no counter is raced for, no two such transactions deadlock, and a run's events are numbered in
/// the order of commits.
struct RunLedger {
    private var runs: [RunID: LockedRun]

    /// Locks the runs of `tasks`.
    static func lock(runsOf tasks: [TaskID], in transaction: borrowing Transaction) throws -> RunLedger {
        try lock("SELECT run_id FROM tasks WHERE id = ANY(\(tasks.map(\.uuid))::uuid[])", in: transaction)
    }

    /// Locks these runs.
    static func lock(_ runs: [RunID], in transaction: borrowing Transaction) throws -> RunLedger {
        try lock("SELECT unnest(\(runs.map(\.uuid))::uuid[])", in: transaction)
    }

    private static func lock(_ selection: SQL, in transaction: borrowing Transaction) throws -> RunLedger {
        let rows = try transaction.query(
            """
            SELECT id, tenant_id, state, tasks_total, tasks_succeeded, tasks_failed, tasks_canceled, tasks_skipped,
                event_seq, started_at IS NOT NULL AS has_started, reason::text AS reason
            FROM runs WHERE id IN (\(fragment: selection)) ORDER BY id FOR UPDATE
            """)
        let runs = try rows.map(LockedRun.init)
        return RunLedger(runs: Dictionary(uniqueKeysWithValues: runs.map { ($0.id, $0) }))
    }

    /// A run that is locked; `nil` when there is none of this id.
    subscript(run: RunID) -> LockedRun? {
        get { runs[run] }
        set { runs[run] = newValue }
    }

    /// Counts a task's move, and notes the event that tells of it.
    mutating func record(_ move: TaskMove) {
        runs[move.run]?.record(move)
    }

    /// Settles the runs that have no open task left, then writes counters, states and events.
    mutating func flush(in transaction: borrowing Transaction) throws {
        var changed: [LockedRun] = []
        for var run in runs.values where !run.events.isEmpty {
            run.settle()
            changed.append(run)
        }
        runs = [:]
        guard !changed.isEmpty else { return }
        try Self.writeRuns(changed, in: transaction)
        try Self.writeEvents(changed, in: transaction)
    }

    private static func writeRuns(_ runs: [LockedRun], in transaction: borrowing Transaction) throws {
        let tallies = runs.map(\.tally)
        try transaction.execute(
            """
            UPDATE runs r SET state = c.state, reason = c.reason::jsonb, tasks_succeeded = c.succeeded,
                tasks_failed = c.failed, tasks_canceled = c.canceled, tasks_skipped = c.skipped,
                event_seq = c.event_seq,
                started_at = CASE WHEN c.state = 'running' THEN coalesce(r.started_at, now()) ELSE r.started_at END,
                finished_at = CASE WHEN c.terminal THEN now() END
            FROM unnest(
                \(runs.map(\.id.uuid))::uuid[], \(runs.map(\.state.rawValue))::text[],
                \(try tallies.map { try $0.reason.map(JSONText.encode) })::text[], \(tallies.map(\.succeeded))::int[],
                \(tallies.map(\.failed))::int[], \(tallies.map(\.canceled))::int[], \(tallies.map(\.skipped))::int[],
                \(runs.map(\.lastEvent))::bigint[], \(runs.map(\.state.isTerminal))::bool[]
            ) AS c(id, state, reason, succeeded, failed, canceled, skipped, event_seq, terminal)
            WHERE r.id = c.id
            """)
    }

    private static func writeEvents(_ runs: [LockedRun], in transaction: borrowing Transaction) throws {
        let events = runs.flatMap { run in run.events.map { (run, $0) } }
        try transaction.execute(
            """
            INSERT INTO run_events (tenant_id, run_id, seq, type, state, task_id, attempt, attempts_max, reason)
            SELECT tenant, run, seq, type, state, task, attempt, attempts_max, reason::jsonb FROM unnest(
                \(events.map(\.0.tenant.uuid))::uuid[], \(events.map(\.0.id.uuid))::uuid[],
                \(events.map(\.1.sequence))::bigint[], \(events.map(\.1.kind.rawValue))::text[],
                \(events.map(\.1.state))::text[], \(events.map { $0.1.move?.task.uuid })::uuid[],
                \(events.map { $0.1.move?.attempt })::int[], \(events.map { $0.1.move?.attemptsMax })::int[],
                \(try events.map { try $0.1.reason.map(JSONText.encode) })::text[]
            ) AS e(tenant, run, seq, type, state, task, attempt, attempts_max, reason)
            """)
    }
}
