import Postgres
import StudioCore

/// Changes of many tasks at once that are not about one attempt: what a user wants, or what follows from it.
///
/// Whoever sweeps has locked the runs, so no claim or report comes in between.
enum TaskSweep {
    /// Applies an event to every task, of those that `condition` on `t` finds, whose state it changes.
    ///
    /// The state that counts is the one under the lock: the dispatcher queues what is due without a lock on the run,
    /// and what it has just queued must not slip through because it was `retrying` when this statement began.
    @discardableResult
    static func apply(
        _ event: TaskEvent, where condition: SQL, because failure: TaskFailure? = nil, ledger: inout RunLedger,
        in transaction: borrowing Transaction
    ) throws -> [TaskMove] {
        let table = TaskState.sources(of: event).map { source in (source: source, target: source.after(event) ?? source)
        }
        let rows = try transaction.query(
            """
            WITH chosen AS (
                SELECT id, state FROM tasks t WHERE (\(fragment: condition))
                    AND t.state = ANY(\(table.map(\.source.rawValue))::text[]) ORDER BY id FOR UPDATE
            )
            UPDATE tasks t SET state = c.target, hint_expires = NULL, parked = NULL,
                reason = coalesce(\(optional: try failure.map(JSONText.encode))::jsonb, t.reason),
                queued_at = CASE WHEN c.target = 'queued' THEN now() ELSE t.queued_at END,
                finished_at = CASE WHEN c.terminal THEN now() END
            FROM chosen, unnest(
                \(table.map(\.source.rawValue))::text[], \(table.map(\.target.rawValue))::text[],
                \(table.map(\.target.isTerminal))::bool[]
            ) AS c(source, target, terminal)
            WHERE t.id = chosen.id AND chosen.state = c.source
            RETURNING \(fragment: TaskMove.columns)
            """)
        let moves = try rows.map { try TaskMove($0, failure: failure) }
        for move in moves { ledger.record(move) }
        if moves.contains(where: { $0.state == .canceling }) {
            // The hubs tell the workers at once, rather than with their next heartbeats.
            _ = try transaction.query("SELECT pg_notify(\(TaskStore.cancelChannel), '')")
        }
        return moves
    }

    /// Begins a new life for those of a run's tasks that `condition` on `t` finds and that have ended: their artifacts
    /// are given up, their earlier attempts no longer count, and they wait for what they need.
    static func reopen(
        _ run: RunID, where condition: SQL, ledger: inout RunLedger, in transaction: borrowing Transaction
    ) throws -> [TaskMove] {
        let rows = try transaction.query(
            """
            WITH chosen AS (
                SELECT id FROM tasks t WHERE t.run_id = \(run.uuid) AND (\(fragment: condition))
                    AND t.state = ANY(\(TaskState.sources(of: .reopen).map(\.rawValue))::text[]) ORDER BY id FOR UPDATE
            ), given_up AS (
                DELETE FROM artifacts WHERE task_id IN (SELECT id FROM chosen)
            ), superseded AS (
                UPDATE attempts SET outcome = 'superseded'
                WHERE task_id IN (SELECT id FROM chosen) AND outcome = 'succeeded'
            )
            UPDATE tasks t SET state = 'blocked', attempts_base = t.attempt,
                attempts_max = t.attempt + t.attempts_allowed, reason = NULL, run_at = now(), queued_at = NULL,
                started_at = NULL, finished_at = NULL
            FROM chosen WHERE t.id = chosen.id
            RETURNING \(fragment: TaskMove.columns)
            """)
        let moves = try rows.map { try TaskMove($0) }
        guard !moves.isEmpty else { return [] }
        // A run that had ended has its time once more, or its deadline would end the new life as it begins.
        try transaction.execute(
            """
            UPDATE runs SET deadline_at = now() + make_interval(secs => deadline_seconds)
            WHERE id = \(run.uuid) AND finished_at IS NOT NULL AND deadline_seconds IS NOT NULL
            """)
        try transaction.execute(
            """
            UPDATE tasks t SET waiting_on = (
                SELECT count(*) FROM task_dependencies d JOIN tasks p ON p.id = d.depends_on
                WHERE d.task_id = t.id AND p.state <> 'succeeded'
            )
            WHERE t.run_id = \(run.uuid) AND t.state = 'blocked'
            """)
        try recount(run, ledger: &ledger, in: transaction)
        for move in moves { ledger.record(move) }
        return moves
    }

    private static func recount(
        _ run: RunID, ledger: inout RunLedger, in transaction: borrowing Transaction
    ) throws {
        let rows = try transaction.query(
            "SELECT state, count(*)::int AS n FROM tasks WHERE run_id = \(run.uuid) GROUP BY state")
        let counts = try rows.map { (try $0.value("state", as: TaskState.self), try $0.decode("n", as: Int.self)) }
        ledger[run]?.reopen(Dictionary(counts) { first, _ in first })
    }
}
