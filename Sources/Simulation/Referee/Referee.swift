import StudioCore

/// Watches every step from outside, keeps books of its own, and objects when a promise is broken.
struct Referee {
    /// Why tasks moved.
    enum Cause {
        case claim(AttemptName, Int)
        case dispatch, report, expiry, deadline
        case run(RunAction), task(TaskAction)

        var isRetry: Bool {
            switch self {
            case .run(.retry), .task(.retry): true
            default: false
            }
        }
    }

    /// What the referee knows of a task.
    private struct Entry {
        var state: TaskState
        var attempt = 0
        var owner = 0
        /// Until when its lease lasts.
        var leasedUntil: Instant = 0
        /// In this life of the task: attempts begun, attempts given back, workers killed.
        var claims = 0
        var credits = 0
        var kills = 0
        /// Whether a user was told that it is canceled.
        var isPromised = false
    }

    private(set) var violation: Violation?
    private var entries: [Entry] = []
    private var runs: [Int: Int] = [:]
    /// Why runs were given up, by whom.
    private var givenUp: [Int: TaskFailure] = [:]
    private var confirmed: Set<Int> = []
    private var settled: Set<Int> = []

    mutating func object(_ invariant: Invariant, _ detail: String, at now: Instant) {
        if violation == nil { violation = Violation(invariant: invariant, detail: detail, at: now) }
    }

    // MARK: - What the world says of itself

    mutating func noteSubmission(_ number: Int, run: Int, _ store: ModelStore, at now: Instant) {
        for task in store.tasks[entries.count...] { entries.append(Entry(state: task.state)) }
        if let before = runs[number], before != run {
            object(.accepted, "submission \(number) is both run \(before) and run \(run)", at: now)
        }
        runs[number] = run
    }

    mutating func noteConfirmed(_ report: Int) { confirmed.insert(report) }

    mutating func noteSettled(_ report: Int) { settled.insert(report) }

    mutating func noteKill(_ task: Int, at now: Instant) {
        entries[task].kills += 1
        if entries[task].kills > RetryPolicy.standard.deathsMax + entries[task].credits {
            object(.bounded, "task \(task) has killed \(entries[task].kills) workers", at: now)
        }
    }

    /// A user was told that a run is as it was asked to be.
    mutating func acknowledge(_ action: RunAction, run: Int, _ store: ModelStore) {
        guard action == .cancel else { return }
        for task in store.runs[run].tasks where store.tasks[task].state != .succeeded {
            entries[task].isPromised = true
        }
    }

    mutating func acknowledge(_ action: TaskAction, task: Int, _ store: ModelStore) {
        if action == .cancel { entries[task].isPromised = true }
    }

    // MARK: - Judgement

    /// A worker was granted an attempt: nobody else may believe in a lease on its task.
    mutating func judgeGrant(_ name: AttemptName, to owner: Int, _ workers: [SimulatedWorker], at now: Instant) {
        for worker in workers {
            for slot in worker.slots where slot.name.task == name.task && slot.isWorking && slot.stop == nil {
                guard slot.giveUpAt > now, slot.name.attempt != name.attempt else { continue }
                object(
                    .lease,
                    "\(name.task)/\(name.attempt) begins while worker \(worker.identity) believes in its lease on "
                        + "\(slot.name.task)/\(slot.name.attempt) until \(slot.giveUpAt)", at: now)
            }
        }
    }

    /// Something that an attempt wrote was applied.
    mutating func judgeWrite(of name: AttemptName, by worker: Int, _ kind: String, at now: Instant) {
        let entry = entries[name.task]
        guard entry.attempt != name.attempt || entry.owner != worker else { return }
        object(
            .fenced,
            "the \(kind) of \(name.task)/\(name.attempt) by \(worker) was applied: its attempt is "
                + "\(entry.attempt) by \(entry.owner)", at: now)
    }

    /// A lease was renewed.
    mutating func judgeRenewal(of name: AttemptName, by worker: Int, at now: Instant) {
        judgeWrite(of: name, by: worker, "renewal", at: now)
        entries[name.task].leasedUntil = now + World.lease
    }

    /// A transaction moved tasks and runs.
    mutating func judge(_ store: inout ModelStore, _ cause: Cause, _ sightings: inout Sightings, at now: Instant) {
        for move in store.moves { judge(move, store.tasks[move.task], cause, &sightings, at: now) }
        for move in store.moves { judgeRow(move.task, store.tasks[move.task], at: now) }
        for move in store.runMoves { judge(move, store, cause, at: now) }
        store.forgetMoves()
    }

    private mutating func judge(
        _ move: ModelMove, _ row: ModelTask, _ cause: Cause, _ sightings: inout Sightings, at now: Instant
    ) {
        let entry = entries[move.task]
        let what = "task \(move.task) went from \(entry.state) to \(move.to)"
        if entry.state != move.from { object(.counted, "\(what), which had left \(move.from)", at: now) }
        entries[move.task].state = move.to
        if entry.state.isTerminal {
            guard cause.isRetry, move.to == .blocked else { return object(.final, what, at: now) }
            sightings.note(.reopenedTasks)
            entries[move.task] = Entry(state: .blocked, attempt: entry.attempt, owner: entry.owner)
            return
        }
        if case .expiry = cause, entry.leasedUntil >= now, entry.state == .running || entry.state == .canceling {
            object(.lease, "\(what), whose lease lasts until \(entry.leasedUntil), as if it had run out", at: now)
        }
        switch move.to {
        case .running: judgeBeginning(move.task, entry, row, cause, at: now)
        case .succeeded:
            if entry.isPromised || entry.state == .canceling { object(.canceled, what, at: now) }
            guard case .report = cause, entry.state == .running || entry.state == .canceling else {
                return object(.fenced, "\(what) without a report of its worker", at: now)
            }
        case .failed where row.attempts.last?.outcome == .expired: sightings.note(.poisonedTasks)
        case .queued, .retrying, .paused:
            guard entry.state == .running else { break }
            let outcome = row.attempts.last?.outcome
            if outcome == .handedBack || outcome == .interrupted { entries[move.task].credits += 1 }
            if entries[move.task].credits > TaskLease.attemptsCeiling {
                object(.bounded, "task \(move.task) was given back too often", at: now)
            }
        case .skipped:
            if entry.state != .blocked { object(.counted, what, at: now) }
        case .failed, .canceled, .canceling, .blocked: break
        }
    }

    private mutating func judgeBeginning(
        _ task: Int, _ entry: Entry, _ row: ModelTask, _ cause: Cause, at now: Instant
    ) {
        guard case .claim(let hint, let worker) = cause else {
            return object(.lease, "task \(task) runs without a claim", at: now)
        }
        entries[task].attempt = hint.attempt + 1
        entries[task].owner = worker
        entries[task].leasedUntil = now + World.lease
        entries[task].claims += 1
        let what = "\(task)/\(row.attempt)"
        if entry.state == .running { object(.lease, "\(what) begins while attempt \(entry.attempt) runs", at: now) }
        if row.attempt != entry.attempt + 1 || hint.attempt != entry.attempt {
            object(.fenced, "\(what) was granted to a hint of attempt \(hint.attempt)", at: now)
        }
        if entry.isPromised { object(.canceled, "\(what) begins", at: now) }
        if row.runAt > now { object(.bounded, "\(what) begins \(row.runAt - now) ms early", at: now) }
        if entries[task].claims - entry.credits > row.attemptsAllowed {
            object(.bounded, "\(what) is one attempt too many of \(row.attemptsAllowed)", at: now)
        }
        if let missing = row.needs.first(where: { entries[$0].state != .succeeded }) {
            object(.inputs, "\(what) begins while task \(missing) is \(entries[missing].state)", at: now)
        }
    }

    /// What holds of a row after every transaction.
    private mutating func judgeRow(_ task: Int, _ row: ModelTask, at now: Instant) {
        if (row.lease != nil) != (row.state == .running || row.state == .canceling) {
            object(.lease, "task \(task) is \(row.state), and its lease is \(String(describing: row.lease))", at: now)
        }
        let isShown = row.state == .succeeded && !row.outputs.isEmpty
        if row.artifacts.isEmpty == isShown || (isShown && row.artifacts.map(\.name) != row.outputs) {
            object(.artifact, "task \(task) is \(row.state) and shows \(row.artifacts.map(\.name))", at: now)
        }
    }

    private mutating func judge(
        _ move: (run: Int, from: RunState, to: RunState), _ store: ModelStore, _ cause: Cause, at now: Instant
    ) {
        let what = "run \(move.run) went from \(move.from) to \(move.to)"
        if move.from.isTerminal {
            guard cause.isRetry else { return object(.final, what, at: now) }
            givenUp[move.run] = nil
        }
        switch cause {
        case .deadline: givenUp[move.run] = .deadlineExceeded
        case .run(.cancel): givenUp[move.run] = .canceledByUser
        default: break
        }
        if move.to.isTerminal, let open = store.runs[move.run].tasks.first(where: { !entries[$0].state.isTerminal }) {
            object(.counted, "\(what), but task \(open) is \(entries[open].state)", at: now)
        }
    }

    // MARK: - The end

    /// When all is quiet the books must balance.
    mutating func judgeEnd(_ world: World) {
        let store = world.store
        let now = world.now
        if Set(runs.values).count != store.runs.count || runs.count != world.submissions.count {
            object(.accepted, "\(runs.count) submissions became \(store.runs.count) runs", at: now)
        }
        if let lost = confirmed.subtracting(settled).min() {
            object(.settled, "report \(lost) was confirmed by the broker, and then never applied nor rejected", at: now)
        }
        for run in store.runs.indices { judgeEnd(run, store, at: now) }
        for task in store.tasks.indices { judgeEnd(task, store.tasks[task], world, at: now) }
    }

    private mutating func judgeEnd(_ number: Int, _ store: ModelStore, at now: Instant) {
        let run = store.runs[number]
        let states = run.tasks.map { store.tasks[$0].state }
        func count(_ state: TaskState) -> Int { states.count { $0 == state } }
        guard run.succeeded == count(.succeeded), run.failed == count(.failed), run.canceled == count(.canceled),
            run.skipped == count(.skipped), run.succeeded + run.failed + run.canceled + run.skipped == states.count
        else { return object(.counted, "the counters of run \(number) are wrong", at: now) }
        let expected: RunState =
            switch givenUp[number] {
            case .some(let reason): reason == .deadlineExceeded ? .failed : .canceled
            case nil: run.failed > 0 ? .failed : run.succeeded == states.count ? .succeeded : .canceled
            }
        let isExplained = givenUp[number] == nil || run.reason == givenUp[number]
        if run.state != expected || !isExplained {
            object(
                .counted,
                "run \(number) is \(run.state) because of \(run.reason?.code ?? "nothing"), its tasks "
                    + "\(Set(states.map(\.rawValue)).sorted())", at: now)
        }
    }

    private mutating func judgeEnd(_ number: Int, _ task: ModelTask, _ world: World, at now: Instant) {
        judgeRow(number, task, at: now)
        for (place, artifact) in task.artifacts.enumerated() {
            let key = world.key(AttemptName(task: number, attempt: artifact.attempt), place)
            if world.objects[key] != artifact.digest {
                object(.artifact, "\(artifact.name) of task \(number) is not what its row says", at: now)
            }
        }
        let successes = task.attempts.count { $0.outcome == .succeeded }
        if task.attempts.count != task.attempt || task.attempts.contains(where: { $0.outcome == nil })
            || successes != (task.state == .succeeded ? 1 : 0)
        {
            object(.once, "the ledger of task \(number), \(task.state), is \(task.attempts)", at: now)
        }
        let hasInputs = task.needs.allSatisfy { world.store.tasks[$0].state == .succeeded }
        if task.state == .succeeded && !hasInputs || task.state == .skipped && hasInputs {
            object(.inputs, "task \(number) is \(task.state)", at: now)
        }
    }
}
