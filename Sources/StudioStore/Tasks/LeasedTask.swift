import Postgres
import StudioCore

/// A task under a lease, locked by a transaction that decides what becomes of it.
struct LeasedTask {
    let task: TaskID
    let lease: TaskLease
    let owner: WorkerID
    let outputs: [String]

    private static let columns: SQL = """
        id, state, attempt, attempts_max, attempts_base, lease_owner, outputs, (
            EXISTS (SELECT 1 FROM workers w WHERE w.id = lease_owner AND w.last_seen > lease_expires)
            -- One that was renewed for as long as an attempt may last has been held up by its worker, not by us.
            AND (lease_expires <= started_at + \(fragment: AttemptLimit.span(of: "tasks"))) IS NOT FALSE
        ) AS owner_lives, (
            SELECT count(DISTINCT a.worker_id) FROM attempts a WHERE a.task_id = tasks.id AND a.outcome = 'expired'
                AND a.attempt > attempts_base AND a.worker_id <> lease_owner
        ) AS deaths
        """

    private init(_ row: Row) throws {
        task = try row.id("id")
        lease = TaskLease(
            state: try row.value("state"), attempt: try row.decode("attempt"),
            attemptsMax: try row.decode("attempts_max"), attemptsBase: try row.decode("attempts_base"),
            deaths: try row.decode("deaths"), ownerLives: try row.decode("owner_lives"))
        owner = try row.id("lease_owner")
        outputs = try row.decode("outputs")
    }

    /// Locks those of `tasks` that are under a lease.
    static func lock(_ tasks: [TaskID], in transaction: borrowing Transaction) throws -> [TaskID: LeasedTask] {
        let rows = try transaction.query(
            """
            SELECT \(fragment: columns) FROM tasks
            WHERE id = ANY(\(tasks.map(\.uuid))::uuid[]) AND state IN ('running', 'canceling') ORDER BY id FOR UPDATE
            """)
        let leased = try rows.map(LeasedTask.init)
        return Dictionary(uniqueKeysWithValues: leased.map { ($0.task, $0) })
    }

    /// Locks those of `tasks` whose lease has run out.
    static func lockExpired(_ tasks: [TaskID], in transaction: borrowing Transaction) throws -> [LeasedTask] {
        let rows = try transaction.query(
            """
            SELECT \(fragment: columns) FROM tasks
            WHERE id = ANY(\(tasks.map(\.uuid))::uuid[]) AND state IN ('running', 'canceling') AND lease_expires < now()
            ORDER BY id FOR UPDATE
            """)
        return try rows.map(LeasedTask.init)
    }

    /// What a report does to the task; `nil` when it changes nothing.
    func change(after result: TaskReport.Result, policy: RetryPolicy) -> TaskChange? {
        let end: TaskLease.End =
            switch result {
            case .completed(let files): .completed(files: files.map(\.name), outputs: outputs)
            case .failed(let failure): .failed(failure)
            case .handedBack: .handedBack
            case .canceled: .canceled
            }
        return change(after: end, policy: policy)
    }

    /// What the end of its attempt does to the task; `nil` when it changes nothing.
    func change(after end: TaskLease.End, policy: RetryPolicy) -> TaskChange? {
        lease.decision(after: end, policy: policy, jitter: .random(in: 0..<1)).map {
            TaskChange(task: task, attempt: lease.attempt, from: lease.state, decision: $0)
        }
    }
}
