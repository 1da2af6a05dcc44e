package import StudioCore

/// What Postgres holds, and what each statement of the store does to it, one at a time: the model that the simulation
/// runs on, and against which the statements themselves are compared.
///
/// Tasks, runs and workers are numbered from 0. The decisions are those of the core; here is what the statements do
/// with them.
package struct ModelStore: Sendable {
    package internal(set) var tasks: [ModelTask] = []
    package internal(set) var runs: [ModelRun] = []
    /// When each worker was last heard of.
    package internal(set) var lastSeen: [Instant] = []
    /// The run that each idempotency key stands for.
    private var keys: [Int: Int] = [:]
    /// What has moved since somebody last took note.
    package internal(set) var moves: [ModelMove] = []
    /// The runs whose state has changed since then.
    package internal(set) var runMoves: [(run: Int, from: RunState, to: RunState)] = []

    package let policy: RetryPolicy
    let sabotage: Sabotage?

    package init(policy: RetryPolicy = .standard, sabotage: Sabotage? = nil) {
        self.policy = policy
        self.sabotage = sabotage
    }

    /// A task to be created; what it needs is named by place in its run.
    package struct NewTask: Sendable {
        package var needs: [Int]
        package var outputs: [String]
        package var attemptsMax: Int
        package var lane: Int

        package init(needs: [Int] = [], outputs: [String] = [], attemptsMax: Int = 3, lane: Int = 0) {
            self.needs = needs
            self.outputs = outputs
            self.attemptsMax = attemptsMax
            self.lane = lane
        }
    }

    /// Accepts a run; answers the one that its key stands for already.
    package mutating func createRun(
        _ plan: [NewTask], deadline: Instant? = nil, key: Int? = nil, at now: Instant
    ) -> Int {
        if let key, let run = keys[key], sabotage != .idempotencyIgnored { return run }
        let first = tasks.count
        for task in plan {
            tasks.append(
                ModelTask(
                    run: runs.count, lane: task.lane, outputs: task.outputs, attemptsAllowed: task.attemptsMax,
                    needs: task.needs.map { first + $0 }, state: task.needs.isEmpty ? .queued : .blocked,
                    attemptsMax: task.attemptsMax, waitingOn: task.needs.count, runAt: now, queuedAt: now))
        }
        for task in first..<tasks.count {
            for need in tasks[task].needs { tasks[need].neededBy.append(task) }
        }
        runs.append(ModelRun(tasks: first..<tasks.count, deadline: deadline, deadlineSpan: deadline.map { $0 - now }))
        if let key { keys[key] = runs.count - 1 }
        return runs.count - 1
    }

    /// Writes down a new worker, and answers its number.
    package mutating func register(at now: Instant) -> Int {
        lastSeen.append(now)
        return lastSeen.count - 1
    }

    /// Notes that a worker is alive.
    package mutating func see(_ worker: Int, at now: Instant) {
        lastSeen[worker] = now
    }

    /// Takes note of what has moved.
    package mutating func forgetMoves() {
        moves.removeAll(keepingCapacity: true)
        runMoves.removeAll(keepingCapacity: true)
    }
}

// Every transaction that moves tasks locks their runs, and ends by settling those that were touched.
extension ModelStore {
    mutating func lock(_ run: Int) {
        let row = runs[run]
        guard row.tally == nil else { return }
        runs[run].tally = RunTally(
            state: row.state, total: row.tasks.count, succeeded: row.succeeded, failed: row.failed,
            canceled: row.canceled, skipped: row.skipped, reason: row.reason, hasStarted: row.hasStarted)
    }

    /// Settles the run, writes its row and lets it go.
    mutating func flush(_ run: Int) {
        defer {
            runs[run].tally = nil
            runs[run].isTouched = false
        }
        guard runs[run].isTouched, var tally = runs[run].tally else { return }
        if sabotage != .runNotSettled || tally.failed == 0 { _ = tally.settle() }
        if tally.state != runs[run].state {
            runMoves.append((run, runs[run].state, tally.state))
            runs[run].state = tally.state
        }
        runs[run].succeeded = tally.succeeded
        runs[run].failed = tally.failed
        runs[run].canceled = tally.canceled
        runs[run].skipped = tally.skipped
        runs[run].reason = tally.reason
        if tally.state == .running { runs[run].hasStarted = true }
        runs[run].hasFinished = tally.state.isTerminal
    }

    /// The state of a run that is locked.
    func lockedState(_ run: Int) -> RunState { runs[run].tally?.state ?? runs[run].state }

    /// Gives a task a state, counts that and tells of it.
    mutating func enter(_ state: TaskState, _ task: Int, because failure: TaskFailure? = nil) {
        moves.append(ModelMove(task: task, from: tasks[task].state, to: state))
        tasks[task].state = state
        let run = tasks[task].run
        _ = runs[run].tally?.record(state, because: failure)
        runs[run].isTouched = true
    }
}
