import FoundationEssentials
import Postgres
import StudioCore

extension ReasonRecord {
    fileprivate static func reading(_ row: Row) throws -> ReasonRecord? {
        try row.decode("reason", as: String?.self).map { ReasonRecord(try JSONText.decode($0, as: TaskFailure.self)) }
    }
}

extension RunRecord {
    init(_ row: Row) throws {
        self.init(
            id: try row.id("id"), title: try row.decode("title"), state: try row.value("state"),
            reason: try ReasonRecord.reading(row), priority: try row.value("priority"),
            frames: try row.decode("frames"),
            fps: FrameRate(try row.decode("fps_numerator"), try row.decode("fps_denominator")),
            width: try row.decode("width"), height: try row.decode("height"), shots: try row.decode("shots"),
            tasks: try JSONText.decode(try row.decode("tasks")),
            film: try row.decode("film", as: UUID?.self).map(ArtifactID.init),
            poster: try row.decode("poster", as: UUID?.self).map(ArtifactID.init), labels: try row.decode("labels"),
            metadata: try JSONText.decode(try row.decode("metadata")), createdAt: try row.decode("created_at"),
            startedAt: try row.decode("started_at"), finishedAt: try row.decode("finished_at"),
            deadlineAt: try row.decode("deadline_at"), lastEvent: try row.decode("event_seq"))
    }
}

extension TaskRecord {
    init(_ row: Row) throws {
        let state = try row.value("state", as: TaskState.self)
        var progress: ProgressRecord?
        if let total = try row.decode("progress_total", as: Int64?.self), total > 0 {
            progress = ProgressRecord(
                done: Double(try row.decode("progress_done", as: Int64?.self) ?? 0), total: Double(total),
                unit: try row.decode("progress_unit", as: String?.self) ?? "")
        }
        self.init(
            id: try row.id("id"), run: try row.id("run_id"), shot: try row.decode("shot"), key: try row.decode("key"),
            kind: try row.value("kind"), state: state, phase: try row.decode("phase"),
            attempt: AttemptRecord(n: try row.decode("attempt"), max: try row.decode("attempts_max")),
            progress: progress, reason: try ReasonRecord.reading(row), worker: try row.decode("worker"),
            createdAt: try row.decode("created_at"),
            nextAttemptAt: state == .retrying ? try row.decode("run_at") : nil, startedAt: try row.decode("started_at"),
            finishedAt: try row.decode("finished_at"))
    }
}

extension RunEventRecord {
    init(_ row: Row) throws {
        var attempt: AttemptRecord?
        if let number = try row.decode("attempt", as: Int?.self) {
            attempt = AttemptRecord(n: number, max: try row.decode("attempts_max", as: Int?.self) ?? number)
        }
        self.init(
            run: try row.id("run_id"), sequence: try row.decode("seq"), kind: Kind(rawValue: try row.decode("type")),
            at: try row.decode("at"), state: TaskState(rawValue: try row.decode("state")),
            task: try row.decode("task_id", as: UUID?.self).map(TaskID.init), taskKey: try row.decode("key"),
            shot: try row.decode("shot"), attempt: attempt, reason: try ReasonRecord.reading(row))
    }
}

extension ArtifactRecord {
    init(_ row: Row) throws {
        self.init(
            id: try row.id("id"), run: try row.id("run_id"), task: try row.id("task_id"),
            taskKey: try row.decode("key"),
            shot: try row.decode("shot"), name: try row.decode("name"), contentType: try row.decode("content_type"),
            bytes: try row.decode("size"), sha256: try row.decode("sha256"),
            media: try JSONText.decode(try row.decode("media")), createdAt: try row.decode("created_at"),
            objectKey: try row.decode("object_key"))
    }
}
