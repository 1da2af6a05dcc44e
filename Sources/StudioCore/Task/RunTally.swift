/// How a run's tasks stand, and what that makes of the run.
///
/// What changes it answers the state that the run enters by it, if any.
package struct RunTally: Sendable {
    package private(set) var state: RunState
    package let total: Int
    package private(set) var succeeded: Int
    package private(set) var failed: Int
    package private(set) var canceled: Int
    package private(set) var skipped: Int
    /// Why it is given up, or else why its first task failed.
    package private(set) var reason: TaskFailure?
    private let hasStarted: Bool

    package init(
        state: RunState, total: Int, succeeded: Int = 0, failed: Int = 0, canceled: Int = 0, skipped: Int = 0,
        reason: TaskFailure? = nil, hasStarted: Bool = false
    ) {
        self.state = state
        self.total = total
        self.succeeded = succeeded
        self.failed = failed
        self.canceled = canceled
        self.skipped = skipped
        self.reason = reason
        self.hasStarted = hasStarted
    }

    /// Counts a task that has entered a state.
    package mutating func record(_ task: TaskState, because failure: TaskFailure? = nil) -> RunState? {
        switch task {
        case .succeeded: succeeded += 1
        case .failed:
            failed += 1
            reason = reason ?? failure
        case .canceled: canceled += 1
        case .skipped: skipped += 1
        case .blocked, .queued, .running, .retrying, .paused, .canceling: break
        }
        return state == .queued && task == .running ? enter(.running) : nil
    }

    /// Ends the run when no task is open; an ended run stays as it is.
    package mutating func settle() -> RunState? {
        guard !state.isTerminal, succeeded + failed + canceled + skipped == total else { return nil }
        if state == .canceling { return enter(reason == .deadlineExceeded ? .failed : .canceled) }
        if failed > 0 { return enter(.failed) }
        return enter(canceled > 0 ? .canceled : .succeeded)
    }

    /// Begins to end it; ``settle()`` does so when its last worker has stopped.
    package mutating func cancel(because failure: TaskFailure) -> RunState {
        reason = failure
        return enter(.canceling)
    }

    package mutating func pause() -> RunState { enter(.paused) }

    package mutating func resume() -> RunState { enter(hasStarted ? .running : .queued) }

    /// Takes it up again, with as many tasks in each state as there are now.
    package mutating func reopen(_ counts: [TaskState: Int]) -> RunState? {
        succeeded = counts[.succeeded] ?? 0
        failed = counts[.failed] ?? 0
        canceled = counts[.canceled] ?? 0
        skipped = counts[.skipped] ?? 0
        if state.isTerminal || failed == 0 { reason = nil }
        return state.isTerminal ? enter(.queued) : nil
    }

    private mutating func enter(_ state: RunState) -> RunState {
        self.state = state
        return state
    }
}
