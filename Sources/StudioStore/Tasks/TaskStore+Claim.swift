import FoundationEssentials
import Postgres
package import StudioCore

/// A worker's wish to have a task that a hint named.
package struct ClaimOrder: Sendable, Hashable {
    package let task: TaskID
    /// The attempt the hint named: the claim makes the next one.
    package let attempt: Int
    package let worker: WorkerID

    package init(task: TaskID, attempt: Int, worker: WorkerID) {
        self.task = task
        self.attempt = attempt
        self.worker = worker
    }
}

/// What became of a claim.
package enum ClaimOutcome: Sendable {
    case granted(ClaimedTask)
    /// Another lease is live.
    case held
    /// It is not for this worker, or not now; the task is offered again soon.
    case turnedAway
    /// The hint is old news.
    case stale
}

/// A task that a worker has just got.
package struct ClaimedTask: Sendable {
    package let task: TaskID
    package let run: RunID
    package let attempt: Int
    /// `nil` when this program is older than the kind.
    package let kind: TaskKind?
    /// As JSON: the worker reads it.
    ///
    /// Not here, as one that cannot be read would keep the others of its batch from their tasks.
    package let spec: String
    package let inputs: [TaskInput]
}

/// An artifact that a task receives.
package struct TaskInput: Sendable, Hashable {
    package let name: String
    package let objectKey: String
    package let contentType: String
    package let size: Int64
    package let sha256: [UInt8]
}

extension TaskStore {
    /// Grants each task to one worker at most: raises its attempt and starts its lease, on the database's clock.
    ///
    /// - Returns: one outcome for each order, in their order.
    package func claim(_ orders: [ClaimOrder], lease: Duration) async throws -> [ClaimOutcome] {
        guard !orders.isEmpty else { return [] }
        return try await client.transaction(retrying: Self.conflictsMax) { transaction in
            var ledger = try RunLedger.lock(runsOf: orders.map(\.task), in: transaction)
            let turnedAway = try Self.turnAway(orders, in: transaction)
            var granted = try Self.grant(
                orders.filter { !turnedAway.contains($0) }, lease: lease, ledger: &ledger, in: transaction)
            try ledger.flush(in: transaction)
            let open = orders.filter { granted[$0.task] == nil }
            granted.merge(try Self.grantAgain(open, lease: lease, in: transaction)) { first, _ in first }
            let others = Set(orders.map(\.task)).subtracting(granted.keys)
            let held = try Self.leased(others, in: transaction).union(granted.keys)
            return orders.map { order in
                if let (task, worker) = granted[order.task], worker == order.worker { return .granted(task) }
                if turnedAway.contains(order) { return .turnedAway }
                return held.contains(order.task) ? .held : .stale
            }
        }
    }

    private static func grant(
        _ orders: [ClaimOrder], lease: Duration, ledger: inout RunLedger, in transaction: borrowing Transaction
    ) throws -> [TaskID: (ClaimedTask, WorkerID)] {
        let rows = try transaction.query(
            """
            WITH locked AS (
                SELECT id FROM tasks WHERE id = ANY(\(orders.map(\.task.uuid))::uuid[])
                    AND state IN ('queued', 'retrying') ORDER BY id FOR UPDATE
            ), claimed AS (
                UPDATE tasks t SET state = 'running', attempt = t.attempt + 1, lease_owner = c.worker,
                    lease_expires = now() + make_interval(secs => \(lease.seconds)), hint_expires = NULL,
                    parked = NULL, started_at = now(), phase = 'dispatched'
                FROM unnest(
                    \(orders.map(\.task.uuid))::uuid[], \(orders.map(\.attempt))::int[],
                    \(orders.map(\.worker.uuid))::uuid[]
                ) AS c(task, attempt, worker)
                WHERE t.id = c.task AND t.attempt = c.attempt AND t.state IN ('queued', 'retrying')
                    AND t.id IN (SELECT id FROM locked)
                RETURNING \(fragment: TaskMove.columns), t.tenant_id, t.lease_owner, t.kind, t.spec,
                    -- What an attempt before took, and the delay after it, is no waiting in the line.
                    greatest(t.queued_at, t.run_at) AS queued_at, t.attempts_base
            ), noted AS (
                INSERT INTO attempts (
                    tenant_id, task_id, attempt, kind, worker_id, worker_name, queue_seconds, is_retry)
                SELECT tenant_id, id, attempt, kind, lease_owner,
                    (SELECT w.name FROM workers w WHERE w.id = c.lease_owner),
                    extract(epoch FROM now() - queued_at), EXISTS (
                    SELECT FROM attempts p WHERE p.task_id = c.id AND p.attempt = c.attempt - 1
                        AND p.attempt > c.attempts_base AND p.outcome = 'failed')
                FROM claimed c
            )
            SELECT id, run_id, state, attempt, attempts_max, lease_owner, kind, spec::text AS spec FROM claimed
            """)
        for row in rows { ledger.record(try TaskMove(row)) }
        return try granted(rows, in: transaction)
    }

    /// Grants once more what a worker has been granted already but does not know, because the answer was lost: it has
    /// not been heard of with this attempt yet.
    private static func grantAgain(
        _ orders: [ClaimOrder], lease: Duration, in transaction: borrowing Transaction
    ) throws -> [TaskID: (ClaimedTask, WorkerID)] {
        guard !orders.isEmpty else { return [:] }
        let rows = try transaction.query(
            """
            WITH c AS (
                SELECT * FROM unnest(
                    \(orders.map(\.task.uuid))::uuid[], \(orders.map(\.attempt))::int[],
                    \(orders.map(\.worker.uuid))::uuid[]
                ) AS c(task, attempt, worker)
            ), locked AS (
                SELECT t.id FROM tasks t JOIN c ON t.id = c.task AND t.lease_owner = c.worker
                WHERE t.state = 'running' ORDER BY t.id FOR UPDATE OF t
            )
            UPDATE tasks t SET lease_expires = now() + make_interval(secs => \(lease.seconds))
            FROM c WHERE t.id IN (SELECT id FROM locked) AND t.id = c.task AND t.attempt = c.attempt + 1
                AND t.lease_owner = c.worker AND t.state = 'running'
                AND t.lease_expires > now() AND t.progress_done IS NULL
            RETURNING \(fragment: TaskMove.columns), t.lease_owner, t.kind, t.spec::text AS spec
            """)
        return try granted(rows, in: transaction)
    }

    private static func granted(
        _ rows: [Row], in transaction: borrowing Transaction
    ) throws -> [TaskID: (ClaimedTask, WorkerID)] {
        let inputs = try inputs(of: try rows.map { try $0.decode("id", as: UUID.self) }, in: transaction)
        var granted: [TaskID: (ClaimedTask, WorkerID)] = [:]
        for row in rows {
            let move = try TaskMove(row)
            let task = ClaimedTask(
                task: move.task, run: move.run, attempt: move.attempt,
                kind: TaskKind(rawValue: try row.decode("kind")), spec: try row.decode("spec"),
                inputs: inputs[move.task] ?? [])
            granted[move.task] = (task, try row.id("lease_owner"))
        }
        return granted
    }

    private static func inputs(
        of tasks: [UUID], in transaction: borrowing Transaction
    ) throws -> [TaskID: [TaskInput]] {
        guard !tasks.isEmpty else { return [:] }
        let rows = try transaction.query(
            """
            SELECT d.task_id, d.input, a.object_key, a.content_type, a.size, a.sha256
            FROM task_dependencies d JOIN artifacts a ON a.task_id = d.depends_on AND a.position = 0
            WHERE d.task_id = ANY(\(tasks)::uuid[]) ORDER BY d.task_id, d.input
            """)
        var inputs: [TaskID: [TaskInput]] = [:]
        for row in rows {
            inputs[try row.id("task_id"), default: []].append(
                TaskInput(
                    name: try row.decode("input"), objectKey: try row.decode("object_key"),
                    contentType: try row.decode("content_type"), size: try row.decode("size"),
                    sha256: try row.decode("sha256")))
        }
        return inputs
    }

    private static func leased(_ tasks: Set<TaskID>, in transaction: borrowing Transaction) throws -> Set<TaskID> {
        guard !tasks.isEmpty else { return [] }
        let rows = try transaction.query(
            """
            SELECT id FROM tasks
            WHERE id = ANY(\(tasks.map(\.uuid))::uuid[]) AND state IN ('running', 'canceling') AND lease_expires > now()
            """)
        return Set(try rows.map { try $0.id("id") })
    }
}
