/// A shot as the API shows it.
package struct ShotRecord: Sendable, Hashable, Identifiable {
    package let id: ShotID
    package let run: RunID
    package let name: String
    /// From 1.
    package let number: Int
    package let prompt: String
    package let frames: Int
    package let startFrame: Int
    package let tasks: TaskCounts
    package let artifacts: [ArtifactRecord]

    /// The state of its tasks together.
    package var state: TaskState { tasks.combined }

    package init(
        id: ShotID, run: RunID, name: String, number: Int, prompt: String, frames: Int, startFrame: Int,
        tasks: TaskCounts, artifacts: [ArtifactRecord]
    ) {
        self.id = id
        self.run = run
        self.name = name
        self.number = number
        self.prompt = prompt
        self.frames = frames
        self.startFrame = startFrame
        self.tasks = tasks
        self.artifacts = artifacts
    }
}

extension ShotRecord: Codable {
    private enum CodingKeys: String, CodingKey {
        case id, object, run, name, number, prompt, frames, state, tasks, artifacts
        case startFrame = "start_frame"
        case isTerminal = "is_terminal"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try fields.decode(ShotID.self, forKey: .id),
            run: try fields.decode(RunID.self, forKey: .run),
            name: try fields.decode(String.self, forKey: .name),
            number: try fields.decode(Int.self, forKey: .number),
            prompt: try fields.decode(String.self, forKey: .prompt),
            frames: try fields.decode(Int.self, forKey: .frames),
            startFrame: try fields.decode(Int.self, forKey: .startFrame),
            tasks: try fields.decode(TaskCounts.self, forKey: .tasks),
            artifacts: try fields.decode([ArtifactRecord].self, forKey: .artifacts))
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode("shot", forKey: .object)
        try fields.encode(run, forKey: .run)
        try fields.encode(name, forKey: .name)
        try fields.encode(number, forKey: .number)
        try fields.encode(prompt, forKey: .prompt)
        try fields.encode(frames, forKey: .frames)
        try fields.encode(startFrame, forKey: .startFrame)
        try fields.encode(state, forKey: .state)
        try fields.encode(state.isTerminal, forKey: .isTerminal)
        try fields.encode(tasks, forKey: .tasks)
        try fields.encode(artifacts, forKey: .artifacts)
    }
}
