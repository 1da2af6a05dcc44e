import Foundation
import StudioCore
import Testing

@testable import StudioAPI

@Suite struct RecordTests {
    @Test func `a run reads back as it was written, in snake case`() throws {
        let run = RunRecord(
            id: RunID(), title: "T", state: .failed,
            reason: ReasonRecord(TaskFailure(.resource, code: "gpu_lost", detail: "d")), priority: .interactive,
            frames: 96, fps: FrameRate(24), width: 1280, height: 720, shots: 2,
            tasks: TaskCounts([.failed: 1, .succeeded: 3, .queued: 0]), film: ArtifactID(), labels: ["a"],
            metadata: ["some_Key": "v"], createdAt: Date(timeIntervalSince1970: 1_700_000_000.123),
            finishedAt: Date(timeIntervalSince1970: 1_700_000_001), lastEvent: 9)
        let data = try RecordJSON.encode(run)
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains(#""created_at":"2023-11-14T22:13:20.123Z""#))
        #expect(text.contains(#""is_terminal":true"#))
        #expect(text.contains(#""tasks":{"failed":1,"succeeded":3}"#))
        #expect(text.contains(#""retryable":true"#))
        let read = try RecordJSON.decode(RunRecord.self, from: data)
        #expect(try RecordJSON.encode(read) == data)
        #expect(read.tasks == run.tasks)
        #expect(read.reason == run.reason)
    }

    @Test func `tasks, shots and artifacts read back`() throws {
        let artifact = ArtifactRecord(
            id: ArtifactID(), run: RunID(), task: TaskID(), taskKey: "s01/video", shot: "s01", name: "video.mp4",
            contentType: "video/mp4", bytes: 1, sha256: "ab", media: MediaFacts(frames: 3),
            createdAt: Date(timeIntervalSince1970: 0), objectKey: "")
        let shot = ShotRecord(
            id: ShotID(), run: artifact.run, name: "s01", number: 1, prompt: "p", frames: 3, startFrame: 0,
            tasks: TaskCounts([.succeeded: 1]), artifacts: [artifact])
        #expect(try RecordJSON.decode(ShotRecord.self, from: RecordJSON.encode(shot)) == shot)
        let task = TaskRecord(
            id: TaskID(), run: artifact.run, shot: "s01", key: "s01/video", kind: .video, state: .retrying,
            phase: "sampling", attempt: AttemptRecord(n: 1, max: 3),
            progress: ProgressRecord(done: 1, total: 0, unit: "frames", etaSeconds: 2), worker: "w",
            createdAt: Date(timeIntervalSince1970: 0), nextAttemptAt: Date(timeIntervalSince1970: 5))
        #expect(try RecordJSON.decode(TaskRecord.self, from: RecordJSON.encode(task)) == task)
        #expect(task.progress?.ratio == 0)
    }

    @Test(arguments: [
        ([TaskState](), TaskState.blocked), ([.succeeded, .succeeded], .succeeded), ([.succeeded, .failed], .failed),
        ([.failed, .running], .running), ([.succeeded, .queued], .running), ([.queued, .blocked], .queued),
        ([.blocked], .blocked), ([.retrying, .queued], .retrying), ([.skipped, .succeeded], .skipped),
        ([.canceling, .failed], .canceling), ([.canceled, .skipped], .canceled),
    ])
    func `the state of a shot is that of its tasks together`(states: [TaskState], combined: TaskState) {
        #expect(TaskCounts(of: states).combined == combined)
    }

    @Test(arguments: ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.250Z", "2026-01-31T13:00:00+01:00"])
    func `times of RFC 3339 are read`(text: String) throws {
        let date = try #require(RecordJSON.date(text))
        #expect(abs(date.timeIntervalSince1970 - 1_769_860_800) < 0.5)
    }

    @Test(arguments: ["", "2026-01-31", "now", "2026-13-01T00:00:00Z", "2026-01-31T12:00:00"])
    func `other times are refused`(text: String) {
        #expect(RecordJSON.date(text) == nil)
    }
}
