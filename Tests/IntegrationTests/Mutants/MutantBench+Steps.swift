import Foundation
import Postgres
import StudioCore
import StudioStore

/// What became of a claim, without its spec.
enum ClaimAnswer: Hashable {
    case granted(Int)
    case held, stale
}

// The steps of scenarios. They throw and never record an issue, as a mutant is expected to fail.
extension MutantBench {
    static let file = "effect.wav"

    /// Submits tasks that make nothing, and answers the run and its tasks in order.
    func submit(
        _ count: Int, _ edges: [(Int, Int)] = [], attemptsMax: Int = 5
    ) async throws -> (run: RunID, tasks: [TaskID]) {
        try await store.submitted(tasks: count, edges: edges, attemptsMax: attemptsMax)
    }

    /// Submits a run of one task that makes a file.
    func submitEffect() async throws -> (run: RunID, task: TaskID) {
        let task = PlannedTask(
            key: "effect", shot: nil,
            spec: .effect(EffectSpec(prompt: "gull", samples: 1, seed: 1, sampleRate: 48_000)), dependencies: [],
            attemptsMax: 5)
        let plan = RunPlan(
            title: "test", profile: DeliveryProfile(width: 64, height: 64, frameRate: FrameRate(24)), priority: .batch,
            frames: 0, shots: [], entities: [], tasks: [task])
        let order = NewRun(tenant: .standard, specification: "{}", plan: plan)
        guard case .created(let run) = try await store.runs.createRun(order),
            let id = try await store.tasks(of: run.id).first?.id
        else { throw Caught(description: "the run was not created") }
        return (run.id, id)
    }

    func claim(
        _ task: TaskID, after attempt: Int = 0, by worker: WorkerID, lease: Duration = StoreBench.lease
    ) async throws -> ClaimAnswer {
        let order = ClaimOrder(task: task, attempt: attempt, worker: worker)
        switch try await store.tasks.claim([order], lease: lease).first {
        case .granted(let claimed): return .granted(claimed.attempt)
        case .held, .turnedAway: return .held
        case .stale, nil: return .stale
        }
    }

    /// Claims a task that must be there to be had.
    func begin(
        _ task: TaskID, _ attempt: Int = 1, by worker: WorkerID, lease: Duration = StoreBench.lease
    ) async throws {
        let answer = try await claim(task, after: attempt - 1, by: worker, lease: lease)
        try demand(answer == .granted(attempt), "a claim was answered \(answer)")
    }

    func renew(_ task: TaskID, _ attempt: Int, by worker: WorkerID) async throws -> LeaseOutcome? {
        let pulse = Pulse(
            task: task, attempt: attempt, worker: worker, phase: "of attempt \(attempt)", done: 1, total: 2, unit: "")
        return try await store.tasks.renew([pulse], lease: StoreBench.lease).first
    }

    func mayUpload(_ task: TaskID, _ attempt: Int, by worker: WorkerID) async throws -> Bool {
        try await store.tasks.uploadRights(task: task, attempt: attempt, worker: worker).isGranted
    }

    func key(_ run: RunID, _ task: TaskID, _ attempt: Int) -> ObjectKey {
        ObjectKey(run: run, task: task, attempt: attempt, name: Self.file)
    }

    /// Reports everything that the task makes.
    func complete(_ task: TaskID, _ attempt: Int = 1, by worker: WorkerID) async throws -> ReportOutcome? {
        let rows = try await direct.query("SELECT run_id, outputs FROM tasks WHERE id = \(task.uuid)")
        guard let row = rows.first else { throw Caught(description: "a task is gone") }
        let run = RunID(try row.decode("run_id", as: UUID.self))
        let drafts = try row.decode("outputs", as: [String].self).map { name in
            ArtifactDraft(
                name: name, objectKey: "\(ObjectKey(run: run, task: task, attempt: attempt, name: name))",
                contentType: "audio/wav", size: 1, sha256: [UInt8](repeating: 0, count: 32), media: MediaFacts())
        }
        return try await report(task, attempt, by: worker, .completed(drafts))
    }

    func report(
        _ task: TaskID, _ attempt: Int = 1, by worker: WorkerID, _ result: TaskReport.Result
    ) async throws -> ReportOutcome? {
        let times = TaskReport.Times(download: 0, compute: 0, upload: 0)
        let report = TaskReport(task: task, attempt: attempt, worker: worker, result: result, times: times)
        return try await store.tasks.apply([report]).first
    }

    /// Claims and completes a task.
    func finish(_ task: TaskID, _ attempt: Int = 1, by worker: WorkerID) async throws {
        try await begin(task, attempt, by: worker)
        let outcome = try await complete(task, attempt, by: worker)
        try demand(outcome == .applied, "a report was not applied")
    }

    func picks() async throws -> [TaskID] {
        try await store.tasks.pickHints(in: Lane.all, window: .standard).map(\.task)
    }

    /// Asks something of a run that must be done.
    func done(_ action: RunAction, _ run: RunID) async throws {
        let outcome = try await store.runs.control(action, run: run, tenant: .standard)
        guard case .done = outcome else { throw Caught(description: "\(action) was answered \(outcome)") }
    }

    func done(_ action: TaskAction, _ task: TaskID) async throws {
        let outcome = try await store.runs.control(action, task: task, tenant: .standard)
        guard case .done = outcome else { throw Caught(description: "\(action) was answered \(outcome)") }
    }

    // MARK: - Truth

    func phase(_ task: TaskID) async throws -> String {
        let rows = try await direct.query("SELECT coalesce(phase, 'none') AS phase FROM tasks WHERE id = \(task.uuid)")
        return try rows[0].decode("phase")
    }

    func attemptsLeft(_ task: TaskID) async throws -> Int {
        let rows = try await direct.query(
            "SELECT attempts_max - attempt AS attempts FROM tasks WHERE id = \(task.uuid)")
        return try rows[0].decode("attempts")
    }

    /// Demands that tasks are in these states.
    func demand(_ tasks: [TaskID], _ expected: [TaskState]) async throws {
        let rows = try await direct.query(
            """
            SELECT t.state FROM unnest(\(tasks.map(\.uuid))::uuid[]) WITH ORDINALITY AS c(id, place)
            JOIN tasks t ON t.id = c.id ORDER BY c.place
            """)
        let states = try rows.map { try $0.decode("state", as: String.self) }
        try demand(states == expected.map(\.rawValue), "the tasks are \(states), not \(expected.map(\.rawValue))")
    }

    func demand(_ run: RunID, _ expected: RunState) async throws {
        let rows = try await direct.query("SELECT state FROM runs WHERE id = \(run.uuid)")
        let states = try rows.map { try $0.decode("state", as: String.self) }
        try demand(states == [expected.rawValue], "the run is \(states), not \(expected.rawValue)")
    }
}
