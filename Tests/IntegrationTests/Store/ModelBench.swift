import Foundation
import Postgres
import Simulation
import StudioCore
import StudioStore

/// The store on the real database beside the model that the simulation runs on: both are told the same.
///
/// The model's clock goes on in whole minutes, and the database's rows are made older by as much. Whatever is waited
/// for ends half a minute between two of those, so that the time that the test itself takes makes no difference. The
/// model knows no limit of an attempt, so `started_at` stays as it is.
struct ModelBench {
    /// What both answered, where that differs.
    struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    static let minute = 60_000
    static let lease = 60 * minute + minute / 2
    static let hintLife = 30 * minute + minute / 2
    /// Without chance, of which both have their own.
    private static let policy = {
        var policy = RetryPolicy(firstDelaySeconds: 0, delayMaxSeconds: 0, retryAfterMaxSeconds: 36_000)
        policy.retryAfterSpread = 0
        return policy
    }()
    private static let kinds: [TaskKind] = [.noop, .audio]
    private static let window = DispatchWindow(
        hintsMin: 256, hintsPerSlot: 1, hintLife: .milliseconds(hintLife), workerLife: .seconds(30))

    let store: StoreBench
    let tasks: TaskStore
    var model: ModelStore
    var dice: Dice
    var now: Instant = 0
    var taskIDs: [TaskID] = []
    var runIDs: [RunID] = []
    var workerIDs: [WorkerID] = []

    init(_ store: StoreBench, seed: UInt64, sabotage: Sabotage? = nil) async throws {
        self.store = store
        model = ModelStore(policy: Self.policy, sabotage: sabotage)
        tasks = TaskStore(client: store.client, retryPolicy: Self.policy)
        dice = Dice(seed: seed)
        for number in 0..<3 {
            workerIDs.append(try await store.register("worker-\(number)", kinds: Self.kinds))
            _ = model.register(at: now)
        }
    }

    /// Tells both something, drawn by lot, and looks whether they answer the same and hold the same rows.
    mutating func step() async throws {
        let lot = dice.below(40)
        switch lot {
        case 0..<4: try await submit()
        case 4..<9: try await pickHints()
        case 9: try await dice.once(in: 2) ? forget() : reconcile()
        case 10..<19: try await claim()
        case 19..<23: try await renew()
        case 23..<31: try await report()
        case 31, 32: try await expireLeases()
        case 33: try await cancelOverdue()
        case 34: try await see()
        case 35: try await controlRun()
        case 36, 37: try await controlTask()
        default: try await advance(minutes: dice.integer(1...45))
        }
        try await compareRows(after: "after a step of lot \(lot)")
    }

    func compare<Answer: Equatable>(_ what: String, _ modeled: Answer, _ real: Answer) throws {
        guard modeled != real else { return }
        throw Difference(description: "\(what)\n  model:    \(modeled)\n  Postgres: \(real)")
    }

    // MARK: - What is told to both

    private mutating func advance(minutes: Int) async throws {
        now += minutes * Self.minute
        let pause = Double(minutes) * 60
        for statement: SQL in [
            """
            UPDATE tasks SET run_at = run_at - make_interval(secs => \(pause)),
                hint_expires = hint_expires - make_interval(secs => \(pause)),
                lease_expires = lease_expires - make_interval(secs => \(pause)),
                queued_at = queued_at - make_interval(secs => \(pause))
            """,
            "UPDATE runs SET deadline_at = deadline_at - make_interval(secs => \(pause))",
            "UPDATE workers SET last_seen = last_seen - make_interval(secs => \(pause))",
        ] { try await store.client.execute(statement) }
    }

    private mutating func submit() async throws {
        let key = dice.below(12)
        let deadline = dice.once(in: 4) ? dice.integer(30...400) * Self.minute + Self.minute / 2 : nil
        var plan: [ModelStore.NewTask] = []
        var planned: [PlannedTask] = []
        for number in 0..<dice.integer(1...7) {
            let needs = (0..<number).filter { _ in dice.once(in: 3) }
            let isEffect = dice.once(in: 2)
            let spec: TaskSpec =
                isEffect
                ? .effect(EffectSpec(prompt: "gull", samples: 1, seed: 1, sampleRate: 48_000))
                : .noop(NoopSpec(sleepMilliseconds: 0))
            let attemptsMax = dice.integer(1...4)
            plan.append(
                ModelStore.NewTask(
                    needs: needs, outputs: spec.outputs.map(\.name), attemptsMax: attemptsMax, lane: isEffect ? 1 : 0))
            planned.append(
                PlannedTask(
                    key: "t\(number)", shot: nil, spec: spec,
                    dependencies: needs.map { .init(on: "t\($0)", input: "in\($0)") }, attemptsMax: attemptsMax))
        }
        let number = model.createRun(plan, deadline: deadline.map { now + $0 }, key: key, at: now)
        let outcome = try await store.runs.createRun(
            NewRun(
                tenant: .standard, specification: "{}",
                plan: RunPlan(
                    title: "test", profile: DeliveryProfile(width: 64, height: 64, frameRate: FrameRate(24)),
                    priority: .batch, frames: 0, shots: [], entities: [], tasks: planned),
                idempotency: IdempotencyClaim(key: "key-\(key)", requestHash: "h"),
                deadlineSeconds: deadline.map { $0 / 1_000 }))
        switch outcome {
        case .created(let run):
            try compare("a new run", number, runIDs.count)
            runIDs.append(run.id)
            taskIDs += try await store.tasks(of: run.id).sorted { $0.key < $1.key }.map(\.id)
        case .replayed(let run): try compare("a run of key \(key)", runIDs[number], run.id)
        default: throw Difference(description: "a submission was answered \(outcome)")
        }
    }

    private mutating func pickHints() async throws {
        let lane = dice.below(Self.kinds.count)
        let modeled = model.pickHints(lane: lane, window: 256, hintLife: Self.hintLife, at: now)
        let real = try await tasks.pickHints(
            in: [Lane(kind: Self.kinds[lane], priority: .batch)], window: Self.window)
        try compare("the hints", Set(modeled), Set(real.compactMap { name($0.task, $0.attempt) }))
    }

    private mutating func forget() async throws {
        guard let name = anyAttempt() else { return }
        model.forget([name])
        let lane = Lane(kind: .noop, priority: .batch)
        try await tasks.forget([Hint(task: taskIDs[name.task], attempt: name.attempt, lane: lane)])
    }

    /// Of equal hints each may take another one for lost: so the queue has lost all of them or none.
    private mutating func reconcile() async throws {
        let lane = dice.below(Self.kinds.count)
        let depth = dice.once(in: 2) ? 0 : 1_000
        let age = 9 * Self.minute + Self.minute / 2
        let modeled = model.reconcile(lane: lane, queueDepth: depth, olderThan: age, hintLife: Self.hintLife, at: now)
        let real = try await tasks.reconcile(
            Lane(kind: Self.kinds[lane], priority: .batch), queueDepth: depth, olderThan: .milliseconds(age),
            window: Self.window)
        try compare("the lost hints", modeled, real)
    }

    private mutating func claim() async throws {
        guard let hint = anyAttempt() else { return }
        // The model knows no quarantine, and no worker that is spared what it has just failed at.
        try await store.client.execute("DELETE FROM worker_health")
        try await store.client.execute("UPDATE attempts SET ended_at = ended_at - interval '1 hour'")
        let worker = dice.below(workerIDs.count)
        let order = ClaimOrder(task: taskIDs[hint.task], attempt: hint.attempt, worker: workerIDs[worker])
        let modeled = model.claim(hint, by: worker, lease: Self.lease, at: now)
        let expected: ClaimAnswer =
            switch modeled {
            case .granted(let attempt, _): .granted(attempt)
            case .held: .held
            case .stale: .stale
            }
        let answer: ClaimAnswer =
            switch try await tasks.claim([order], lease: .milliseconds(Self.lease)).first {
            case .granted(let claimed): .granted(claimed.attempt)
            case .held, .turnedAway: .held
            case .stale, nil: .stale
            }
        try compare("a claim of \(hint) by \(worker)", expected, answer)
    }

    private mutating func renew() async throws {
        guard let (name, worker) = anyLease() else { return }
        let pulse = Pulse(
            task: taskIDs[name.task], attempt: name.attempt, worker: workerIDs[worker], phase: "p", done: 1, total: 2,
            unit: "")
        let real = try await tasks.renew([pulse], lease: .milliseconds(Self.lease))
        let modeled = model.renew(name, by: worker, lease: Self.lease, at: now)
        try compare("a renewal of \(name) by \(worker)", "\(modeled)", "\(real[0])")
        let rights = try await tasks.uploadRights(
            task: taskIDs[name.task], attempt: name.attempt, worker: workerIDs[worker])
        try compare("an upload of \(name) by \(worker)", model.mayUpload(name, by: worker), rights.isGranted)
    }

    private mutating func report() async throws {
        var modeled: [ModelReport] = []
        var real: [TaskReport] = []
        for _ in 0..<dice.integer(1...3) {
            guard let (name, worker) = anyLease() else { return }
            let (result, same) = anyResult(name)
            modeled.append(ModelReport(name: name, worker: worker, result: result))
            real.append(
                TaskReport(
                    task: taskIDs[name.task], attempt: name.attempt, worker: workerIDs[worker], result: same,
                    times: TaskReport.Times(download: 0, compute: 0, upload: 0)))
        }
        let outcomes = try await tasks.apply(real).map { $0 == .applied }
        try compare(
            "reports of \(modeled.map(\.name)), \(modeled.map(\.result))", model.apply(modeled, jitter: 0, at: now),
            outcomes)
    }

    private mutating func expireLeases() async throws {
        let modeled = model.expireLeases(model.expiredLeases(at: now), jitter: 0, at: now)
        let real = try await tasks.expireLeases(limit: 1000)
        try compare(
            "the leases that ran out", Set(modeled), Set(real.compactMap { name($0.task, $0.attempt)?.task }))
    }

    private mutating func cancelOverdue() async throws {
        let real = try await store.giveUpOverdue()
        try compare("what is overdue", Set(model.cancelOverdue(at: now).map { runIDs[$0] }), Set(real))
    }

    private mutating func see() async throws {
        let worker = dice.below(workerIDs.count)
        model.see(worker, at: now)
        _ = try await store.workers.see([WorkerSighting(id: workerIDs[worker], running: 0, draining: false)])
    }

    private mutating func controlRun() async throws {
        let actions: [RunAction] = [.cancel, .pause, .resume, .resume, .retry(.failed), .retry(.all)]
        guard !runIDs.isEmpty, let action = dice.pick(actions) else { return }
        let run = dice.below(runIDs.count)
        let real = try await store.runs.control(action, run: runIDs[run], tenant: .standard)
        try compare("\(action) run \(run)", model.control(action, run: run, at: now), Self.answer(real))
    }

    private mutating func controlTask() async throws {
        guard !taskIDs.isEmpty, let action = dice.pick(TaskAction.allCases) else { return }
        let task = dice.below(taskIDs.count)
        let real = try await store.runs.control(action, task: taskIDs[task], tenant: .standard)
        try compare("\(action) task \(task)", model.control(action, task: task, at: now), Self.answer(real))
    }

    private static func answer<Record>(_ outcome: ControlOutcome<Record>) -> ModelAnswer? {
        switch outcome {
        case .done: .done
        case .refused: .refused
        default: nil
        }
    }

    // MARK: - Chance

    private func name(_ task: TaskID, _ attempt: Int) -> AttemptName? {
        taskIDs.firstIndex(of: task).map { AttemptName(task: $0, attempt: attempt) }
    }

    /// Some task with its last attempt, or the one before.
    private mutating func anyAttempt() -> AttemptName? {
        guard !taskIDs.isEmpty else { return nil }
        let task = dice.below(taskIDs.count)
        return AttemptName(task: task, attempt: max(0, model.tasks[task].attempt - (dice.once(in: 5) ? 1 : 0)))
    }

    /// Some task, mostly one under a lease, with an attempt and a worker, mostly those of the lease.
    private mutating func anyLease() -> (AttemptName, Int)? {
        let leased = model.tasks.indices.filter { model.tasks[$0].lease != nil }
        guard let name = anyAttempt() else { return nil }
        let stranger = dice.below(workerIDs.count)
        guard !dice.once(in: 5), let task = dice.pick(leased), let lease = model.tasks[task].lease else {
            return (AttemptName(task: name.task, attempt: max(1, name.attempt)), stranger)
        }
        let owner = dice.once(in: 8) ? stranger : lease.owner
        return (AttemptName(task: task, attempt: model.tasks[task].attempt), owner)
    }

    private mutating func anyResult(_ name: AttemptName) -> (ModelReport.Result, TaskReport.Result) {
        switch dice.below(8) {
        case 0:
            let failure = TaskFailure(.userError, code: "bad_prompt", detail: "no")
            return (.failed(failure), .failed(failure))
        case 1:
            let failure = TaskFailure(.rateLimit, code: "busy", detail: "later", retryAfterSeconds: 630)
            return (.failed(failure), .failed(failure))
        case 2:
            let failure = TaskFailure(.rateLimit, code: "busy", detail: "now", retryAfterSeconds: 0)
            return (.failed(failure), .failed(failure))
        case 3: return (.handedBack, .handedBack)
        case 4: return (.canceled, .canceled)
        default:
            let files = dice.once(in: 10) ? ["odd.bin"] : model.tasks[name.task].outputs
            let drafts = files.map { file in
                ArtifactDraft(
                    name: file, objectKey: "\(taskIDs[name.task])/\(name.attempt)/\(file)",
                    contentType: "audio/wav", size: 1, sha256: [UInt8](repeating: 0, count: 32), media: MediaFacts())
            }
            return (.completed(files: files, digest: 0), .completed(drafts))
        }
    }
}
