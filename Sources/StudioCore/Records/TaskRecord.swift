package import FoundationEssentials

/// A task as the API shows it.
package struct TaskRecord: Codable, Sendable, Hashable, Identifiable {
    package let id: TaskID
    package let run: RunID
    /// The name of its shot, if it belongs to one.
    package let shot: String?
    /// Unique in its run: `s01/video`, `compose`.
    package let key: String
    package let kind: TaskKind
    package var state: TaskState
    /// What the worker is doing, from an open set: `loading_model`, `sampling`, `uploading`.
    package var phase: String?
    package var attempt: AttemptRecord
    package var progress: ProgressRecord?
    /// Of the last failure, also when the task was tried again and succeeded.
    package var reason: ReasonRecord?
    /// The name of the worker that has, or last had, its lease.
    package var worker: String?
    package let createdAt: Date
    /// When it may be tried again, while `retrying`.
    package var nextAttemptAt: Date?
    /// When the last attempt began.
    package var startedAt: Date?
    package var finishedAt: Date?

    package var isTerminal: Bool { state.isTerminal }

    package init(
        id: TaskID, run: RunID, shot: String? = nil, key: String, kind: TaskKind, state: TaskState,
        phase: String? = nil, attempt: AttemptRecord, progress: ProgressRecord? = nil, reason: ReasonRecord? = nil,
        worker: String? = nil, createdAt: Date, nextAttemptAt: Date? = nil, startedAt: Date? = nil,
        finishedAt: Date? = nil
    ) {
        self.id = id
        self.run = run
        self.shot = shot
        self.key = key
        self.kind = kind
        self.state = state
        self.phase = phase
        self.attempt = attempt
        self.progress = progress
        self.reason = reason
        self.worker = worker
        self.createdAt = createdAt
        self.nextAttemptAt = nextAttemptAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}

extension TaskRecord {
    private enum CodingKeys: String, CodingKey {
        case id, object, run, shot, key, kind, state, phase, attempt, progress, reason, worker
        case isTerminal = "is_terminal"
        case createdAt = "created_at"
        case nextAttemptAt = "next_attempt_at"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try fields.decode(TaskID.self, forKey: .id),
            run: try fields.decode(RunID.self, forKey: .run),
            shot: try fields.decodeIfPresent(String.self, forKey: .shot),
            key: try fields.decode(String.self, forKey: .key),
            kind: try fields.decode(TaskKind.self, forKey: .kind),
            state: try fields.decode(TaskState.self, forKey: .state),
            phase: try fields.decodeIfPresent(String.self, forKey: .phase),
            attempt: try fields.decode(AttemptRecord.self, forKey: .attempt),
            progress: try fields.decodeIfPresent(ProgressRecord.self, forKey: .progress),
            reason: try fields.decodeIfPresent(ReasonRecord.self, forKey: .reason),
            worker: try fields.decodeIfPresent(String.self, forKey: .worker),
            createdAt: try fields.decode(Date.self, forKey: .createdAt),
            nextAttemptAt: try fields.decodeIfPresent(Date.self, forKey: .nextAttemptAt),
            startedAt: try fields.decodeIfPresent(Date.self, forKey: .startedAt),
            finishedAt: try fields.decodeIfPresent(Date.self, forKey: .finishedAt))
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode("task", forKey: .object)
        try fields.encode(run, forKey: .run)
        try fields.encodeIfPresent(shot, forKey: .shot)
        try fields.encode(key, forKey: .key)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(state, forKey: .state)
        try fields.encode(isTerminal, forKey: .isTerminal)
        try fields.encodeIfPresent(phase, forKey: .phase)
        try fields.encode(attempt, forKey: .attempt)
        try fields.encodeIfPresent(progress, forKey: .progress)
        try fields.encodeIfPresent(reason, forKey: .reason)
        try fields.encodeIfPresent(worker, forKey: .worker)
        try fields.encode(createdAt, forKey: .createdAt)
        try fields.encodeIfPresent(nextAttemptAt, forKey: .nextAttemptAt)
        try fields.encodeIfPresent(startedAt, forKey: .startedAt)
        try fields.encodeIfPresent(finishedAt, forKey: .finishedAt)
    }
}
