package import FoundationEssentials

/// A file that a task made, as the API shows it.
package struct ArtifactRecord: Codable, Sendable, Hashable, Identifiable {
    package let id: ArtifactID
    package let run: RunID
    package let task: TaskID
    /// The task's key in its run: `s01/video`.
    package let taskKey: String
    /// The name of its shot, if its task belongs to one.
    package let shot: String?
    /// The name of the task's output: `film.mp4`.
    package let name: String
    package let contentType: String
    package let bytes: Int64
    /// In hexadecimal.
    package let sha256: String
    package let media: MediaFacts?
    package let createdAt: Date
    /// Where the object store has it; never leaves the server.
    package var objectKey: String = ""

    package init(
        id: ArtifactID, run: RunID, task: TaskID, taskKey: String, shot: String? = nil, name: String,
        contentType: String, bytes: Int64, sha256: String, media: MediaFacts? = nil, createdAt: Date,
        objectKey: String
    ) {
        self.id = id
        self.run = run
        self.task = task
        self.taskKey = taskKey
        self.shot = shot
        self.name = name
        self.contentType = contentType
        self.bytes = bytes
        self.sha256 = sha256
        self.media = media
        self.createdAt = createdAt
        self.objectKey = objectKey
    }

    /// Leaves ``objectKey`` out on purpose.
    private enum CodingKeys: String, CodingKey {
        case id, run, task, shot, name, bytes, sha256, media
        case taskKey = "task_key"
        case contentType = "content_type"
        case createdAt = "created_at"
    }
}
