package import FoundationEssentials

/// Something that happened in a run, numbered within it.
package struct RunEventRecord: Codable, Sendable, Hashable {
    /// What happened, from an open set.
    package struct Kind: RawRepresentable, Codable, Sendable, Hashable {
        package let rawValue: String

        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The run changed its state: the first event of every run, and the last unless it is reopened.
        package static let runState = Kind(rawValue: "run.state")
        /// A user has a run that ended done once more; another end follows.
        package static let runReopened = Kind(rawValue: "run.reopened")
        package static let taskState = Kind(rawValue: "task.state")
        /// Never stored: made for a stream from the task's newest progress.
        package static let taskProgress = Kind(rawValue: "task.progress")
    }

    package let run: RunID
    /// From 1, without gaps; 0 for an event that is not stored.
    package let sequence: Int64
    package let kind: Kind
    package let at: Date
    /// The new state of the run or task, in the common vocabulary.
    package let state: TaskState?
    package let isTerminal: Bool
    package let task: TaskID?
    package let taskKey: String?
    package let shot: String?
    package let attempt: AttemptRecord?
    package let phase: String?
    package let progress: ProgressRecord?
    package let reason: ReasonRecord?

    package init(
        run: RunID, sequence: Int64, kind: Kind, at: Date, state: TaskState?, task: TaskID? = nil,
        taskKey: String? = nil, shot: String? = nil, attempt: AttemptRecord? = nil, phase: String? = nil,
        progress: ProgressRecord? = nil, reason: ReasonRecord? = nil
    ) {
        self.run = run
        self.sequence = sequence
        self.kind = kind
        self.at = at
        self.state = state
        self.isTerminal = state?.isTerminal ?? false
        self.task = task
        self.taskKey = taskKey
        self.shot = shot
        self.attempt = attempt
        self.phase = phase
        self.progress = progress
        self.reason = reason
    }

    /// Whether no event follows this one in its run, unless a user has it done once more.
    package var endsRun: Bool { kind == .runState && isTerminal }

    private enum CodingKeys: String, CodingKey {
        case run, sequence, at, state, task, shot, attempt, phase, progress, reason
        case kind = "type"
        case isTerminal = "is_terminal"
        case taskKey = "task_key"
    }
}
