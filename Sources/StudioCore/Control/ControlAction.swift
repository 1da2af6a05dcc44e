/// What a user may ask of a run.
package enum RunAction: Sendable, Hashable {
    case cancel
    /// Running tasks go on; nothing new begins.
    case pause
    case resume
    case retry(RetryScope)
}

/// What a user may ask of one task.
package enum TaskAction: String, Sendable, CaseIterable {
    case cancel, pause, resume
    /// Does a task once more that failed or was canceled, with all that was skipped for it; one that waits for its next
    /// attempt is not made to wait any longer.
    case retry
}

/// What a retried run does once more.
package enum RetryScope: String, Codable, Sendable, CaseIterable {
    /// What did not succeed.
    case failed
    /// Everything: the artifacts that are there are given up.
    case all
}

/// How a store answered a user's wish.
package enum ControlOutcome<Record: Sendable>: Sendable {
    /// It is as it was asked, now or already before.
    case done(Record)
    /// The idempotency key was used before with the same wish.
    case replayed(Record)
    /// The idempotency key was used before with another request.
    case conflictingBody
    /// A request with this key has not been answered yet.
    case inFlight
    /// It is in a state in which that cannot be had.
    case refused(TaskState)
    case notFound
}

extension TaskFailure {
    /// A user did not want it any more.
    package static let canceledByUser = TaskFailure(
        .canceled, code: "canceled_by_user", detail: "a user canceled it")
    /// It was not done when it had to be.
    package static let deadlineExceeded = TaskFailure(
        .canceled, code: "deadline_exceeded", detail: "the run was not done by its deadline")
    /// More than one worker died of it.
    package static let killsWorkers = TaskFailure(
        .poison, code: "kills_workers", detail: "the workers that ran it died, one after the other: look at its input")
}
