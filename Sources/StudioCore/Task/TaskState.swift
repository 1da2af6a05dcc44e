/// Where a task is in its life; runs and shots use the same frozen vocabulary.
package enum TaskState: String, Codable, Sendable, CaseIterable {
    /// Waits for another task's output.
    case blocked
    /// May be handed to a worker.
    case queued
    /// A worker holds its lease.
    case running
    /// Failed in a way worth repeating; waits for its time.
    case retrying
    case paused
    /// Asked to stop, and its worker has not answered yet.
    case canceling
    case succeeded, failed, canceled
    /// Can no longer run, because something it waited for did not succeed.
    case skipped

    /// Whether nothing but a user's wish to have it done once more can change this state.
    package var isTerminal: Bool {
        switch self {
        case .succeeded, .failed, .canceled, .skipped: true
        case .blocked, .queued, .running, .retrying, .paused, .canceling: false
        }
    }

    /// The states in which a life ends.
    package static let terminal: [TaskState] = allCases.filter(\.isTerminal)
}

/// Where a run is in its life: the vocabulary of tasks, less what only a task can be.
package enum RunState: String, Codable, Sendable, CaseIterable {
    case queued, running, paused, canceling, succeeded, failed, canceled

    /// Whether nothing but a user's wish to have it done once more can change this state.
    package var isTerminal: Bool {
        switch self {
        case .succeeded, .failed, .canceled: true
        case .queued, .running, .paused, .canceling: false
        }
    }
}
