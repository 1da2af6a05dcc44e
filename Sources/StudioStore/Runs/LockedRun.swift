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
    private(set) var state: RunState
    private let total: Int
    private(set) var succeeded: Int
    private(set) var failed: Int
    private(set) var canceled: Int
    private(set) var skipped: Int
    private(set) var lastEvent: Int64
    private(set) var events: [Event] = []
    /// Why its first task failed, if one did in this transaction.
    private(set) var reason: TaskFailure?

    init(_ row: Row) throws {
        id = try row.id("id")
        tenant = try row.id("tenant_id")
        state = try row.value("state")
        total = try row.decode("tasks_total")
        succeeded = try row.decode("tasks_succeeded")
        failed = try row.decode("tasks_failed")
        canceled = try row.decode("tasks_canceled")
        skipped = try row.decode("tasks_skipped")
        lastEvent = try row.decode("event_seq")
    }

    /// Counts a task's move, and notes the event that tells of it.
    mutating func record(_ move: TaskMove) {
        switch move.state {
        case .succeeded: succeeded += 1
        case .failed:
            failed += 1
            reason = reason ?? move.failure
        case .canceled: canceled += 1
        case .skipped: skipped += 1
        case .blocked, .queued, .running, .retrying, .paused, .canceling: break
        }
        if state == .queued, move.state == .running { enter(.running) }
        append(.taskState, state: move.state.rawValue, move: move, reason: move.failure)
    }

    /// Ends the run when no task is open; an ended run stays as it is.
    mutating func settle() {
        guard !state.isTerminal, succeeded + failed + canceled + skipped == total else { return }
        enter(failed > 0 ? .failed : canceled > 0 ? .canceled : .succeeded)
    }

    private mutating func enter(_ state: RunState) {
        self.state = state
        append(.runState, state: state.rawValue, reason: state == .failed ? reason : nil)
    }

    private mutating func append(
        _ kind: RunEventRecord.Kind, state: String, move: TaskMove? = nil, reason: TaskFailure? = nil
    ) {
        lastEvent += 1
        events.append(Event(sequence: lastEvent, kind: kind, state: state, move: move, reason: reason))
    }
}
