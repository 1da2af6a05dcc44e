/// Something that happens to a task and may change its state.
package enum TaskEvent: String, Sendable, CaseIterable {
    /// The last output it waited for is there.
    case release
    /// Its time has come and a hint is on its way to a worker.
    case dispatch
    /// A worker asks for it; raises the attempt.
    case claim
    /// The worker reports success.
    case complete
    /// The attempt failed, or its lease ran out, and another one is worth making.
    case retry
    /// The attempt failed, or its lease ran out, for good.
    case fail
    /// The worker gives it back unharmed, because it shuts down.
    case handBack
    /// A user wants it to wait.
    case pause
    /// A user lets it go on.
    case resume
    /// A user wants it done once more: the only event that a task which has ended obeys.
    case reopen
    case cancel
    /// The worker of a canceled task has stopped.
    case confirmCancel
    /// Something it waits for will never be there.
    case skip
}

extension TaskState {
    /// The states in which `event` applies; in any other it is stale news, not an error.
    package static func sources(of event: TaskEvent) -> [TaskState] {
        allCases.filter { $0.after(event) != nil }
    }

    /// The state after `event`, or `nil` when it does not apply: terminal states absorb everything but a user's
    /// ``TaskEvent/reopen``.
    package func after(_ event: TaskEvent) -> TaskState? {
        switch (self, event) {
        case (.blocked, .release): .queued
        case (.blocked, .skip): .skipped
        case (.queued, .dispatch), (.retrying, .dispatch): .queued
        case (.queued, .claim), (.retrying, .claim): .running
        case (.running, .complete): .succeeded
        case (.running, .retry): .retrying
        case (.running, .fail): .failed
        case (.running, .handBack): .queued
        case (.queued, .pause), (.retrying, .pause): .paused
        case (.paused, .resume): .queued
        case (.succeeded, .reopen), (.failed, .reopen), (.canceled, .reopen), (.skipped, .reopen): .blocked
        case (.blocked, .cancel), (.queued, .cancel), (.retrying, .cancel), (.paused, .cancel): .canceled
        case (.running, .cancel): .canceling
        // A cancel that committed first wins: whatever the worker says afterwards, the task ends canceled.
        case (.canceling, .complete), (.canceling, .retry), (.canceling, .fail), (.canceling, .handBack),
            (.canceling, .confirmCancel):
            .canceled
        default: nil
        }
    }
}
