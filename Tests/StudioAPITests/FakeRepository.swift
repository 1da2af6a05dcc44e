import Foundation
import StudioCore
import Synchronization

@testable import StudioAPI

/// A repository in memory, as strict as the real one must be.
final class FakeRepository: RunRepository {
    /// What the database's being away looks like here.
    struct Away: Error {}

    struct State {
        var runs: [RunID: RunRecord] = [:]
        var tenants: [RunID: TenantID] = [:]
        var shots: [RunID: [ShotRecord]] = [:]
        var tasks: [TaskID: TaskRecord] = [:]
        var events: [RunID: [RunEventRecord]] = [:]
        var artifacts: [ArtifactID: ArtifactRecord] = [:]
        var workers = [
            WorkerRecord(
                id: WorkerID(), name: "gpu-1", kinds: [.video], state: .active, slots: 1, busy: 0, startedAt: Date(),
                lastSeenAt: Date(),
                capabilities: WorkerCapabilities(models: ["flux.1"], vramMiB: 24_576, labels: ["host": "gpu"]))
        ]
        var keys: [String: (hash: String, run: RunID)] = [:]
        var inFlight: Set<String> = []
        var failure: (any Error)?
        var reads = 0
        var failures = 0
    }

    let state = Mutex(State())

    /// Makes every call throw from now on; `nil` heals it.
    func fail(with error: (any Error)?) {
        state.withLock { $0.failure = error }
    }

    func with<Value>(_ body: (inout State) throws -> Value) throws -> Value {
        try state.withLock { state in
            if let failure = state.failure {
                state.failures += 1
                throw failure
            }
            state.reads += 1
            return try body(&state)
        }
    }

    func createRun(_ run: NewRun) async throws -> CreateOutcome {
        try with { state in
            if let claim = run.idempotency {
                if state.inFlight.contains(claim.key) { return .inFlight }
                if let known = state.keys[claim.key] {
                    guard known.hash == claim.requestHash, let record = state.runs[known.run] else {
                        return .conflictingBody
                    }
                    return .replayed(record)
                }
                state.keys[claim.key] = (claim.requestHash, run.id)
            }
            let record = Self.record(of: run)
            state.runs[run.id] = record
            state.tenants[run.id] = run.tenant
            for task in run.plan.tasks {
                let id = TaskID()
                state.tasks[id] = TaskRecord(
                    id: id, run: run.id, shot: task.shot, key: task.key, kind: task.spec.kind,
                    state: task.dependencies.isEmpty ? .queued : .blocked,
                    attempt: AttemptRecord(n: 0, max: task.attemptsMax), createdAt: record.createdAt)
            }
            state.shots[run.id] = run.plan.shots.map { shot in
                let states = state.tasks.values.filter { $0.run == run.id && $0.shot == shot.name }.map(\.state)
                return ShotRecord(
                    id: ShotID(), run: run.id, name: shot.name, number: shot.number, prompt: shot.prompt,
                    frames: shot.frames, startFrame: shot.startFrame, tasks: TaskCounts(of: states), artifacts: [])
            }
            state.events[run.id] = [
                RunEventRecord(run: run.id, sequence: 1, kind: .runState, at: record.createdAt, state: .queued)
            ]
            return .created(record)
        }
    }

    private static func record(of run: NewRun) -> RunRecord {
        RunRecord(
            id: run.id, title: run.plan.title, state: .queued, priority: run.plan.priority, frames: run.plan.frames,
            fps: run.plan.profile.frameRate, width: run.plan.profile.width, height: run.plan.profile.height,
            shots: run.plan.shots.count,
            tasks: TaskCounts(of: run.plan.tasks.map { $0.dependencies.isEmpty ? .queued : .blocked }),
            labels: run.labels, metadata: run.metadata, createdAt: Date(), lastEvent: 1)
    }

    /// Appends an event, and applies a run's state.
    func happen(
        _ run: RunID, _ kind: RunEventRecord.Kind, _ newState: TaskState, key: String? = nil, shot: String? = nil
    ) {
        state.withLock { state in
            let sequence = (state.runs[run]?.lastEvent ?? 0) + 1
            state.events[run, default: []].append(
                RunEventRecord(
                    run: run, sequence: sequence, kind: kind, at: Date(), state: newState, taskKey: key, shot: shot))
            state.runs[run]?.lastEvent = sequence
            if kind != .taskState, let runState = RunState(rawValue: newState.rawValue) {
                state.runs[run]?.state = runState
            }
        }
    }

    func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
    }

    func run(_ id: RunID, tenant: TenantID) async throws -> RunRecord? {
        try with { $0.tenants[id] == tenant ? $0.runs[id] : nil }
    }

    func runs(_ filter: RunFilter, after: RunID?, limit: Int, tenant: TenantID) async throws -> Page<RunRecord> {
        try with { state in
            let rows = state.runs.values.filter { run in
                state.tenants[run.id] == tenant && (filter.states.isEmpty || filter.states.contains(run.state))
                    && filter.labels.allSatisfy(run.labels.contains)
                    && filter.createdAfter.map { run.createdAt > $0 } ?? true && after.map { run.id < $0 } ?? true
            }
            return Page(overfetched: Array(rows.sorted { $0.id > $1.id }.prefix(limit + 1)), limit: limit)
        }
    }

    func shots(of run: RunID, tenant: TenantID) async throws -> [ShotRecord]? {
        try with { $0.tenants[run] == tenant ? $0.shots[run] : nil }
    }

    func tasks(_ filter: TaskFilter, after: TaskID?, limit: Int, tenant: TenantID) async throws -> Page<TaskRecord> {
        try with { state in
            let rows = state.tasks.values.filter { task in
                state.tenants[task.run] == tenant && filter.run.map { $0 == task.run } ?? true
                    && (filter.states.isEmpty || filter.states.contains(task.state))
                    && (filter.kinds.isEmpty || filter.kinds.contains(task.kind)) && after.map { task.id > $0 } ?? true
            }
            return Page(overfetched: Array(rows.sorted { $0.id < $1.id }.prefix(limit + 1)), limit: limit)
        }
    }

    func task(_ id: TaskID, tenant: TenantID) async throws -> TaskRecord? {
        try with { state in state.tasks[id].flatMap { state.tenants[$0.run] == tenant ? $0 : nil } }
    }

    func events(
        of run: RunID, after sequence: Int64, limit: Int, tenant: TenantID
    ) async throws -> [RunEventRecord] {
        try with { Array(($0.events[run] ?? []).filter { $0.sequence > sequence }.prefix(limit)) }
    }

    func artifact(_ id: ArtifactID, tenant: TenantID) async throws -> ArtifactRecord? {
        try with { state in state.artifacts[id].flatMap { state.tenants[$0.run] == tenant ? $0 : nil } }
    }

    func artifacts(of run: RunID, tenant: TenantID) async throws -> [ArtifactRecord] {
        try with { $0.artifacts.values.filter { $0.run == run }.sorted { $0.id < $1.id } }
    }

    func workers() async throws -> [WorkerRecord] {
        try with { $0.workers }
    }

    func queueStats(tenant: TenantID) async throws -> QueueStats {
        try with { _ in QueueStats(queued: 12, processing: 3, averageWaitSeconds: 4.5, workers: 3, kinds: []) }
    }

    func ping() async throws {
        try with { _ in }
    }

    func isUnavailable(_ error: any Error) -> Bool { error is Away }
}
