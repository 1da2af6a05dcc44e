import FoundationEssentials
import Postgres
import StudioCore

/// A decision about a task, to be applied only while the task is as it was when the decision was made.
struct TaskChange {
    let task: TaskID
    /// The attempt it was decided for.
    let attempt: Int
    /// The state it was decided for.
    let from: TaskState
    let decision: TaskLease.Decision

    var to: TaskState { decision.state }
    var failure: TaskFailure? { decision.failure }

    /// Applies the changes that still fit, with all that follows from them, and answers which did.
    static func apply(
        _ changes: [TaskChange], ledger: inout RunLedger, in transaction: borrowing Transaction
    ) throws -> Set<TaskID> {
        guard !changes.isEmpty else { return [] }
        let failures = Dictionary(changes.map { ($0.task, $0.failure) }) { first, _ in first }
        let moves = try write(changes, in: transaction).map { row in
            var move = try TaskMove(row)
            move.failure = failures[move.task] ?? nil
            return move
        }
        for move in moves { ledger.record(move) }
        try release(dependentsOf: moves.filter { $0.state == .succeeded }, ledger: &ledger, in: transaction)
        try skip(
            dependentsOf: moves.filter { $0.state.isTerminal && $0.state != .succeeded }.map(\.task), ledger: &ledger,
            in: transaction)
        return Set(moves.map(\.task))
    }

    private static func write(_ changes: [TaskChange], in transaction: borrowing Transaction) throws -> [Row] {
        try transaction.query(
            """
            UPDATE tasks t SET
                -- What may begin again waits while its run is paused.
                state = CASE WHEN r.state = 'paused' AND c.target IN ('queued', 'retrying') THEN 'paused'
                    ELSE c.target END,
                run_at = now() + make_interval(secs => c.delay),
                attempts_max = t.attempts_max + c.credit, reason = coalesce(c.reason::jsonb, t.reason),
                lease_owner = NULL, lease_expires = NULL, hint_expires = NULL, phase = NULL, progress_done = NULL,
                progress_total = NULL, progress_unit = NULL,
                queued_at = CASE WHEN c.terminal OR c.keeps_place THEN t.queued_at ELSE now() END,
                finished_at = CASE WHEN c.terminal THEN now() END
            FROM unnest(
                \(changes.map(\.task.uuid))::uuid[], \(changes.map(\.attempt))::int[],
                \(changes.map(\.from.rawValue))::text[], \(changes.map(\.to.rawValue))::text[],
                \(changes.map(\.decision.delaySeconds))::float8[], \(changes.map(\.decision.credit))::int[],
                \(try changes.map { try $0.failure.map(JSONText.encode) })::text[],
                \(changes.map(\.to.isTerminal))::bool[], \(changes.map(\.decision.keepsPlace))::bool[]
            ) AS c(id, attempt, source, target, delay, credit, reason, terminal, keeps_place), runs r
            WHERE t.id = c.id AND r.id = t.run_id AND t.attempt = c.attempt AND t.state = c.source
            RETURNING \(fragment: TaskMove.columns)
            """)
    }

    /// Counts the outputs that have arrived, and queues the tasks that waited for nothing else.
    private static func release(
        dependentsOf moves: [TaskMove], ledger: inout RunLedger, in transaction: borrowing Transaction
    ) throws {
        guard !moves.isEmpty else { return }
        let rows = try transaction.query(
            """
            WITH arrived AS (
                SELECT task_id, count(*)::int AS outputs FROM task_dependencies
                WHERE depends_on = ANY(\(moves.map(\.task.uuid))::uuid[]) GROUP BY task_id
            )
            UPDATE tasks t SET waiting_on = t.waiting_on - a.outputs,
                state = CASE WHEN t.waiting_on > a.outputs THEN t.state WHEN r.state = 'paused' THEN 'paused'
                    ELSE 'queued' END,
                queued_at = CASE WHEN t.waiting_on = a.outputs THEN now() END,
                run_at = now()
            FROM arrived a, runs r WHERE t.id = a.task_id AND r.id = t.run_id AND t.state = 'blocked'
            RETURNING \(fragment: TaskMove.columns)
            """)
        for row in rows {
            let move = try TaskMove(row)
            if move.state != .blocked { ledger.record(move) }
        }
    }

    /// Skips everything that waits, at any distance, for something that will never be there.
    static func skip(
        dependentsOf tasks: [TaskID], ledger: inout RunLedger, in transaction: borrowing Transaction
    ) throws {
        guard !tasks.isEmpty else { return }
        let failure = TaskFailure(
            .userError, code: "dependency_not_made", detail: "a task that this one needs did not succeed")
        let rows = try transaction.query(
            """
            WITH RECURSIVE doomed(id) AS (
                SELECT task_id FROM task_dependencies WHERE depends_on = ANY(\(tasks.map(\.uuid))::uuid[])
                UNION SELECT d.task_id FROM task_dependencies d JOIN doomed ON d.depends_on = doomed.id
            )
            UPDATE tasks t SET state = 'skipped', finished_at = now(), reason = \(try JSONText.encode(failure))::jsonb
            FROM doomed WHERE t.id = doomed.id AND t.state = 'blocked'
            RETURNING \(fragment: TaskMove.columns)
            """)
        for row in rows { ledger.record(try TaskMove(row, failure: failure)) }
    }
}
