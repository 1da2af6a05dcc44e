import Postgres
import StudioCore

/// A run as a transaction holds it: what it counts, and the events that the transaction adds.
struct LockedRun {
    /// An event before it is written.
    struct Event {
        let sequence: Int64
        let kind: RunEventRecord.Kind
        let state: String
        var move: TaskMove?
        var reason: TaskFailure?
    }

    let id: RunID
    let tenant: TenantID
    private(set) var tally: RunTally
    private(set) var lastEvent: Int64
    private(set) var events: [Event] = []

    var state: RunState { tally.state }

    init(_ row: Row) throws {
        id = try row.id("id")
        tenant = try row.id("tenant_id")
        tally = RunTally(
            state: try row.value("state"), total: try row.decode("tasks_total"),
            succeeded: try row.decode("tasks_succeeded"), failed: try row.decode("tasks_failed"),
            canceled: try row.decode("tasks_canceled"), skipped: try row.decode("tasks_skipped"),
            reason: try row.decode("reason", as: String?.self).map { try JSONText.decode($0) },
            hasStarted: try row.decode("has_started"))
        lastEvent = try row.decode("event_seq")
    }

    /// Counts a task's move, and notes the event that tells of it.
    mutating func record(_ move: TaskMove) {
        enter(tally.record(move.state, because: move.failure))
        append(.taskState, state: move.state.rawValue, move: move, reason: move.failure)
    }

    /// Ends the run when no task is open; an ended run stays as it is.
    mutating func settle() { enter(tally.settle()) }

    /// Begins to end it; ``settle()`` does so when its last worker has stopped.
    mutating func cancel(because failure: TaskFailure) { enter(tally.cancel(because: failure)) }

    mutating func pause() { enter(tally.pause()) }

    mutating func resume() { enter(tally.resume()) }

    /// Takes it up again, with as many tasks in each state as there are now.
    mutating func reopen(_ counts: [TaskState: Int]) {
        guard let state = tally.reopen(counts) else { return }
        append(.runReopened, state: state.rawValue)
    }

    private mutating func enter(_ state: RunState?) {
        guard let state else { return }
        let isEnding = state == .canceling || state.isTerminal
        append(.runState, state: state.rawValue, reason: isEnding ? tally.reason : nil)
    }

    private mutating func append(
        _ kind: RunEventRecord.Kind, state: String, move: TaskMove? = nil, reason: TaskFailure? = nil
    ) {
        lastEvent += 1
        events.append(Event(sequence: lastEvent, kind: kind, state: state, move: move, reason: reason))
    }
}
