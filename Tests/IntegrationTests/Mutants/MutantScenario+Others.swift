import Postgres
import StudioCore
import StudioStore

// Scenarios in which somebody else does something meanwhile, or asks for something.
extension MutantScenario {
    static let others = [hints, bystander, reports, reaper, keys, strangers, deadline, holding] + bookkeeping

    private static let lane = Lane(kind: .noop, priority: .batch)

    private static let hints = MutantScenario(name: "a task has one hint on its way, until that is lost") { bench in
        let worker = WorkerID()
        let (_, tasks) = try await bench.submit(4)
        func picks(_ expected: [TaskID], _ what: String) async throws {
            let picked = try await bench.picks()
            try bench.demand(Set(picked) == Set(expected) && picked.count == expected.count, "\(what): \(picked)")
        }
        try await picks(tasks, "tasks that wait are offered")
        try await picks([], "a hint is sent twice")
        try await bench.direct.execute("UPDATE tasks SET hint_expires = now() - interval '1 second'")
        try await picks(tasks, "lost hints are sent again")

        let later = TaskFailure(.rateLimit, code: "busy", detail: "later", retryAfterSeconds: 60)
        try await bench.begin(tasks[0], by: worker)
        _ = try await bench.report(tasks[0], by: worker, .failed(later))
        try await picks([], "a task is offered before its time")
        try await bench.done(.retry, tasks[0])
        try await picks([tasks[0]], "a task whose time has come is offered")
        try await bench.store.tasks.forget([Hint(task: tasks[0], attempt: 0, lane: lane)])
        try await picks([], "an old hint was forgotten, not the newer one")
        try await bench.store.tasks.forget([Hint(task: tasks[0], attempt: 1, lane: lane)])
        try await picks([tasks[0]], "a hint that was not sent is sent again")

        func lost(_ depth: Int) async throws -> Int {
            try await bench.store.tasks.reconcile(
                lane, queueDepth: depth, olderThan: .seconds(-1), window: .standard)
        }
        try bench.demand(try await lost(4) == 0, "what the queue holds is sent again")
        try bench.demand(try await lost(1) == 3, "what the queue lost is not sent again")
    }

    private static let bystander = MutantScenario(name: "a dispatcher waits for nobody") { bench in
        let (_, tasks) = try await bench.submit(2)
        let picked = try await bench.holding("tasks", tasks[0].uuid) { try await bench.picks() }
        try bench.demand(picked == [tasks[1]], "beside a task that is held \(picked) was picked")
    }

    private static let reports = MutantScenario(name: "two reports of one run are counted one after the other") {
        bench in
        let worker = WorkerID()
        let (run, tasks) = try await bench.submit(3, [(2, 0), (2, 1)])
        for task in tasks[..<2] { try await bench.begin(task, by: worker) }
        let outcomes = try await bench.waiting(
            for: run, { try await bench.complete(tasks[0], by: worker) },
            { try await bench.complete(tasks[1], by: worker) })
        try bench.demand(outcomes == [.applied, .applied], "the reports were \(outcomes)")
        try await bench.demand(tasks, [.succeeded, .succeeded, .queued])
    }

    private static let reaper = MutantScenario(name: "a lease that is renewed in the last moment has not run out") {
        bench in
        let (run, tasks) = try await bench.submit(1)
        try await bench.begin(tasks[0], by: WorkerID(), lease: .zero)
        let expired = try await bench.waiting(
            for: run, { try await bench.store.tasks.expireLeases(limit: 10).count },
            meanwhile: {
                try await bench.direct.execute("UPDATE tasks SET lease_expires = now() + interval '1 minute'")
            })
        try bench.demand(expired == [0], "a renewed lease has run out")
        try await bench.demand(tasks, [.running])
    }

    private static let keys = MutantScenario(name: "a key stands for one run") { bench in
        let first = try await bench.store.submit(tasks: 1, key: "k")
        guard case .created(let run) = first else { throw MutantBench.Caught(description: "not created: \(first)") }
        let second = try await bench.store.submit(tasks: 1, key: "k")
        guard case .replayed(let same) = second, same.id == run.id else {
            throw MutantBench.Caught(description: "a second submission was answered \(second)")
        }
        let other = try await bench.store.submit(tasks: 1, key: "k", hash: "other")
        guard case .conflictingBody = other else {
            throw MutantBench.Caught(description: "another submission with the key was answered \(other)")
        }
        let runs = try await bench.direct.query("SELECT FROM runs")
        try bench.demand(runs.count == 1, "\(runs.count) runs")
    }

    private static let strangers = MutantScenario(name: "a stranger sees nothing") { bench in
        let (worker, stranger) = (WorkerID(), TenantID())
        let (run, task) = try await bench.submitEffect()
        try await bench.finish(task, by: worker)
        let artifacts = try await bench.store.runs.artifacts(of: run, tenant: .standard)
        try bench.demand(artifacts.count == 1, "\(artifacts.count) artifacts")
        let runs = bench.store.runs
        try bench.demand(try await runs.run(run, tenant: stranger) == nil, "a run")
        try bench.demand(try await runs.task(task, tenant: stranger) == nil, "a task")
        try bench.demand(try await runs.artifact(artifacts[0].id, tenant: stranger) == nil, "an artifact")
        try bench.demand(try await runs.artifacts(of: run, tenant: stranger).isEmpty, "artifacts of a run")
        let outcome = try await runs.control(.cancel, run: run, tenant: stranger)
        guard case .notFound = outcome else { throw MutantBench.Caught(description: "a cancel: \(outcome)") }
    }

    private static let deadline = MutantScenario(name: "a run is given up when its deadline has passed") { bench in
        let (late, _) = try await bench.submit(1)
        let (early, _) = try await bench.submit(1)
        for (run, seconds) in [(late, -1.0), (early, 60.0)] {
            try await bench.direct.execute(
                """
                UPDATE runs SET deadline_at = now() + make_interval(secs => \(seconds)) WHERE id = \(run.uuid)
                """)
        }
        let overdue = try await bench.store.giveUpOverdue()
        try bench.demand(overdue == [late], "\(overdue.count) runs were given up")
        try await bench.demand(late, .failed)
        try await bench.demand(early, .queued)
        try await bench.direct.execute("UPDATE runs SET deadline_seconds = 60 WHERE id = \(late.uuid)")
        try await bench.done(.retry(.failed), late)
        let again = try await bench.store.giveUpOverdue()
        try bench.demand(again.isEmpty, "a run that was taken up again is late already")
        try await bench.demand(late, .queued)
    }

    private static let holding = MutantScenario(name: "a worker that is to hold gets nothing") { bench in
        let (_, tasks) = try await bench.submit(1)
        let worker = try await bench.store.register("gpu")
        _ = try await bench.store.runs.want(.paused, of: worker)
        let answer = try await bench.claim(tasks[0], by: worker)
        try bench.demand(answer == .held, "its claim was answered \(answer)")
        _ = try await bench.store.runs.want(.active, of: worker)
        try await bench.begin(tasks[0], by: worker)
    }
}
