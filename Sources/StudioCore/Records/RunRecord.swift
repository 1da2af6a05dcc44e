package import FoundationEssentials

/// A run as the API shows it.
package struct RunRecord: Codable, Sendable, Hashable, Identifiable {
    package let id: RunID
    package var title: String
    package var state: RunState
    /// Why it is not going well, or did not end well.
    package var reason: ReasonRecord?
    package var priority: TaskPriority
    /// Length of the film in frames; 0 for a run that makes none.
    package var frames: Int
    package var fps: FrameRate
    package var width: Int
    package var height: Int
    package var shots: Int
    package var tasks: TaskCounts
    package var film: ArtifactID?
    package var poster: ArtifactID?
    package var labels: [String]
    package var metadata: [String: String]
    package let createdAt: Date
    package var startedAt: Date?
    package var finishedAt: Date?
    /// What is not done by then is given up.
    package var deadlineAt: Date?
    /// The number of its newest event; 0 before the first.
    package var lastEvent: Int64

    package var isTerminal: Bool { state.isTerminal }

    package init(
        id: RunID, title: String, state: RunState, reason: ReasonRecord? = nil, priority: TaskPriority, frames: Int,
        fps: FrameRate, width: Int, height: Int, shots: Int, tasks: TaskCounts, film: ArtifactID? = nil,
        poster: ArtifactID? = nil, labels: [String] = [], metadata: [String: String] = [:], createdAt: Date,
        startedAt: Date? = nil, finishedAt: Date? = nil, deadlineAt: Date? = nil, lastEvent: Int64 = 0
    ) {
        self.id = id
        self.title = title
        self.state = state
        self.reason = reason
        self.priority = priority
        self.frames = frames
        self.fps = fps
        self.width = width
        self.height = height
        self.shots = shots
        self.tasks = tasks
        self.film = film
        self.poster = poster
        self.labels = labels
        self.metadata = metadata
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.deadlineAt = deadlineAt
        self.lastEvent = lastEvent
    }
}

extension RunRecord {
    private enum CodingKeys: String, CodingKey {
        case id, object, title, state, reason, priority, frames, fps, width, height, shots, tasks, film, poster, labels
        case metadata
        case isTerminal = "is_terminal"
        case createdAt = "created_at"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case deadlineAt = "deadline_at"
        case lastEvent = "last_event"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try fields.decode(RunID.self, forKey: .id),
            title: try fields.decode(String.self, forKey: .title),
            state: try fields.decode(RunState.self, forKey: .state),
            reason: try fields.decodeIfPresent(ReasonRecord.self, forKey: .reason),
            priority: try fields.decode(TaskPriority.self, forKey: .priority),
            frames: try fields.decode(Int.self, forKey: .frames),
            fps: try fields.decode(FrameRate.self, forKey: .fps),
            width: try fields.decode(Int.self, forKey: .width),
            height: try fields.decode(Int.self, forKey: .height),
            shots: try fields.decode(Int.self, forKey: .shots),
            tasks: try fields.decode(TaskCounts.self, forKey: .tasks),
            film: try fields.decodeIfPresent(ArtifactID.self, forKey: .film),
            poster: try fields.decodeIfPresent(ArtifactID.self, forKey: .poster),
            labels: try fields.decode([String].self, forKey: .labels),
            metadata: try fields.decode([String: String].self, forKey: .metadata),
            createdAt: try fields.decode(Date.self, forKey: .createdAt),
            startedAt: try fields.decodeIfPresent(Date.self, forKey: .startedAt),
            finishedAt: try fields.decodeIfPresent(Date.self, forKey: .finishedAt),
            deadlineAt: try fields.decodeIfPresent(Date.self, forKey: .deadlineAt),
            lastEvent: try fields.decode(Int64.self, forKey: .lastEvent))
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode("run", forKey: .object)
        try fields.encode(title, forKey: .title)
        try fields.encode(state, forKey: .state)
        try fields.encode(isTerminal, forKey: .isTerminal)
        try fields.encodeIfPresent(reason, forKey: .reason)
        try fields.encode(priority, forKey: .priority)
        try fields.encode(frames, forKey: .frames)
        try fields.encode(fps, forKey: .fps)
        try fields.encode(width, forKey: .width)
        try fields.encode(height, forKey: .height)
        try fields.encode(shots, forKey: .shots)
        try fields.encode(tasks, forKey: .tasks)
        try fields.encodeIfPresent(film, forKey: .film)
        try fields.encodeIfPresent(poster, forKey: .poster)
        try fields.encode(labels, forKey: .labels)
        try fields.encode(metadata, forKey: .metadata)
        try fields.encode(createdAt, forKey: .createdAt)
        try fields.encodeIfPresent(startedAt, forKey: .startedAt)
        try fields.encodeIfPresent(finishedAt, forKey: .finishedAt)
        try fields.encodeIfPresent(deadlineAt, forKey: .deadlineAt)
        try fields.encode(lastEvent, forKey: .lastEvent)
    }
}
