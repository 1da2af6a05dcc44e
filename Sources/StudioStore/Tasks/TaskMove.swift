import Postgres
import StudioCore

/// A change of a task's state that the database has accepted.
struct TaskMove {
    let task: TaskID
    let run: RunID
    let state: TaskState
    let attempt: Int
    let attemptsMax: Int
    var failure: TaskFailure?

    /// The columns that ``init(_:)`` reads, of a table or alias `t`.
    static let columns: SQL = "t.id, t.run_id, t.state, t.attempt, t.attempts_max"

    init(_ row: Row, failure: TaskFailure? = nil) throws {
        task = try row.id("id")
        run = try row.id("run_id")
        state = try row.value("state")
        attempt = try row.decode("attempt")
        attemptsMax = try row.decode("attempts_max")
        self.failure = failure
    }
}
