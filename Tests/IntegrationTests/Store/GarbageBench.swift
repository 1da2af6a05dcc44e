import Foundation
import ObjectStore
import Orchestrator
import Postgres
import StudioCore
import StudioStore
import Testing

/// A run whose tasks each make one small file, and the object store under the run's prefix; all removed afterwards.
struct GarbageBench {
    static let file = "effect.wav"
    /// Longer than any age that a collector wants.
    static let later: TimeInterval = 3 * 60 * 60

    let store: StoreBench
    let storage: ObjectStoreBench
    let run: RunID
    let tasks: [TaskID]
    let worker = WorkerID()

    static func with(tasks count: Int, _ body: (GarbageBench) async throws -> Void) async throws {
        try await ObjectStoreBench.use { bench in
            try await StoreBench.with { store in
                let planned = (0..<count).map { index in
                    PlannedTask(
                        key: String(format: "t%04d", index), shot: nil,
                        spec: .effect(EffectSpec(prompt: "gull", samples: 1, seed: 1, sampleRate: 48_000)),
                        dependencies: [], attemptsMax: 3)
                }
                let plan = RunPlan(
                    title: "test", profile: DeliveryProfile(width: 64, height: 64, frameRate: FrameRate(24)),
                    priority: .batch, frames: 0, shots: [], entities: [], tasks: planned)
                let outcome = try await store.runs.createRun(
                    NewRun(tenant: .standard, specification: "{}", plan: plan))
                guard case .created(let run) = outcome else { throw StoreBench.BenchError.notCreated }
                let tasks = try await store.tasks(of: run.id).sorted { $0.key < $1.key }.map(\.id)
                let garbage = GarbageBench(store: store, storage: bench, run: run.id, tasks: tasks)
                do {
                    try await body(garbage)
                } catch {
                    try? await garbage.clear()
                    throw error
                }
                try await garbage.clear()
            }
        }
    }

    var objects: S3Client { storage.client }

    private func clear() async throws {
        for upload in try await objects.listMultipartUploads() where upload.key.hasPrefix(prefix) {
            try await objects.abortMultipart(key: upload.key, uploadID: upload.uploadID)
        }
        try await objects.delete(keys: Array(try await keys()))
    }

    var prefix: String { "runs/\(run)/" }

    /// One that sees only this run's objects, by default long after they were made.
    func collector(after seconds: TimeInterval = Self.later, objects: S3Client? = nil) -> GarbageCollector {
        GarbageCollector(
            artifacts: ArtifactStore(client: store.client), objects: objects ?? self.objects, prefix: prefix,
            now: { .now + seconds }, logger: ObjectStoreBench.logger)
    }

    func keys() async throws -> Set<String> {
        var keys: Set<String> = []
        for try await object in objects.list(prefix: prefix) { keys.insert(object.key) }
        return keys
    }

    func key(_ task: TaskID, _ attempt: Int) -> String {
        "\(ObjectKey(run: run, task: task, attempt: attempt, name: Self.file))"
    }

    /// Writes what an attempt uploads; answers its key.
    @discardableResult
    func upload(_ task: TaskID, _ attempt: Int) async throws -> String {
        let key = key(task, attempt)
        try await objects.put(bytes: Array("attempt \(attempt)".utf8), key: key, contentType: "audio/wav")
        return key
    }

    /// Reports the file of an attempt, as the hub does.
    func complete(_ task: TaskID, _ attempt: Int) async throws -> ReportOutcome? {
        let draft = ArtifactDraft(
            name: Self.file, objectKey: key(task, attempt), contentType: "audio/wav", size: 9,
            sha256: [UInt8](repeating: 0, count: 32), media: MediaFacts())
        return try await store.report(task, attempt: attempt, by: worker, .completed([draft]))
    }

    func fail(_ task: TaskID, _ attempt: Int) async throws {
        let failure = TaskFailure(.temporary, code: "flaky", detail: "once")
        #expect(try await store.report(task, attempt: attempt, by: worker, .failed(failure)) == .applied)
    }

    /// Ends a lease, as the reaper does when a worker is not heard of.
    func expire(_ task: TaskID) async throws {
        try await store.client.execute(
            "UPDATE tasks SET lease_expires = now() - interval '1 second' WHERE id = \(task.uuid) AND state = 'running'"
        )
        _ = try await store.tasks.expireLeases(limit: 100)
    }
}
