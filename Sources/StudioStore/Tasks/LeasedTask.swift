import Postgres
import StudioCore

/// A task under a lease, locked by a transaction that decides what becomes of it.
struct LeasedTask {
    let task: TaskID
    let state: TaskState
    let attempt: Int
    let attemptsMax: Int
    let owner: WorkerID
    /// Whether its worker has been heard of since its lease ran out: then it was we who were away, not the worker.
    let ownerLives: Bool
    let outputs: [String]

    /// Attempts that were no fault of the task are given back up to this many in all.
    static let attemptsCeiling = 20

    private static let columns: SQL = """
        id, state, attempt, attempts_max, lease_owner, outputs, EXISTS (
            SELECT 1 FROM workers w WHERE w.id = lease_owner AND w.last_seen > lease_expires
        ) AS owner_lives
        """

    private init(_ row: Row) throws {
        task = try row.id("id")
        state = try row.value("state")
        attempt = try row.decode("attempt")
        attemptsMax = try row.decode("attempts_max")
        owner = try row.id("lease_owner")
        ownerLives = try row.decode("owner_lives")
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
        switch result {
        case .completed(let files):
            guard Set(files.map(\.name)) == Set(outputs), files.count == outputs.count else {
                return change(
                    after: TaskFailure(
                        .temporary, code: "wrong_outputs",
                        detail: "the worker reported \(files.map(\.name)), but the task makes \(outputs)"),
                    policy: policy)
            }
            return change(.complete)
        case .failed(let failure): return change(after: failure, policy: policy)
        case .handedBack:
            guard attemptsMax < Self.attemptsCeiling else {
                return change(
                    after: TaskFailure(
                        .temporary, code: "handed_back_too_often",
                        detail: "its workers were stopped \(attempt) times before it was done", retryAfterSeconds: 0),
                    policy: policy)
            }
            return change(.handBack, credit: 1)
        case .canceled: return change(.confirmCancel)
        }
    }

    /// What a lease that ran out does to the task.
    func change(afterExpiry failure: TaskFailure, policy: RetryPolicy) -> TaskChange? {
        guard ownerLives, state == .running, attemptsMax < Self.attemptsCeiling else {
            return change(after: failure, policy: policy)
        }
        return change(.handBack, credit: 1, failure: failure)
    }

    /// What a failed attempt does to the task.
    func change(after failure: TaskFailure, policy: RetryPolicy) -> TaskChange? {
        switch policy.decide(failure, attempt: attempt, attemptsMax: attemptsMax, jitter: .random(in: 0..<1)) {
        case .retry(let seconds): change(.retry, delaySeconds: seconds, failure: failure)
        case .fail: change(.fail, failure: failure)
        }
    }

    private func change(
        _ event: TaskEvent, delaySeconds: Double = 0, credit: Int = 0, failure: TaskFailure? = nil
    ) -> TaskChange? {
        guard let target = state.after(event) else { return nil }
        return TaskChange(
            task: task, attempt: attempt, from: state, to: target, delaySeconds: delaySeconds, credit: credit,
            failure: failure)
    }
}
