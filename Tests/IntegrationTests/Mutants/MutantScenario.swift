import StudioCore
import StudioStore

/// A short story that the store must tell as it was told here; what is not so is thrown.
struct MutantScenario: Sendable {
    let name: String
    let play: @Sendable (MutantBench) async throws -> Void

    static let all = [attempts, grants, inputs, losses, cancel, pause, retry, poison, artifacts] + others + turns

    private static let badPrompt = TaskFailure(.userError, code: "bad_prompt", detail: "no")
    private static let hiccup = TaskFailure(.temporary, code: "hiccup", detail: "may pass")

    private static let attempts = MutantScenario(name: "only the newest attempt is heard, and only its owner") {
        bench in
        let (worker, other) = (WorkerID(), WorkerID())
        let (_, tasks) = try await bench.submit(1)
        let task = tasks[0]
        try await bench.begin(task, by: worker, lease: .zero)
        let expired = try await bench.store.tasks.expireLeases(limit: 10).map(\.state)
        try bench.demand(expired == [.retrying], "an expired lease became \(expired)")
        try bench.demand(try await bench.claim(task, by: other) == .stale, "an old hint counts")
        try await bench.begin(task, 2, by: worker)
        try bench.demand(try await bench.store.tasks.cancelations(of: [worker]).isEmpty, "work is told to stop")

        try bench.demand(try await bench.renew(task, 1, by: worker) == .lost, "an old attempt is renewed")
        try bench.demand(try await bench.renew(task, 2, by: other) == .lost, "a stranger renews")
        let phase = try await bench.phase(task)
        try bench.demand(phase == "dispatched", "an old attempt wrote that it is \(phase)")
        try bench.demand(try await !bench.mayUpload(task, 1, by: worker), "an old attempt may upload")
        try bench.demand(try await !bench.mayUpload(task, 2, by: other), "a stranger may upload")
        try bench.demand(try await bench.mayUpload(task, 2, by: worker), "the owner may not upload")
        try bench.demand(try await bench.complete(task, 1, by: worker) == .stale, "an old attempt reports")
        try bench.demand(try await bench.complete(task, 2, by: other) == .stale, "a stranger reports")

        try bench.demand(try await bench.renew(task, 2, by: worker) == .renewed, "the owner does not renew")
        try bench.demand(try await bench.complete(task, 2, by: worker) == .applied, "the owner does not report")
        try bench.demand(try await bench.complete(task, 2, by: worker) == .stale, "a report counts twice")
        try bench.demand(try await bench.claim(task, after: 2, by: other) == .stale, "what has ended is granted")
        try await bench.demand(tasks, [.succeeded])
    }

    private static let grants = MutantScenario(name: "a claim is answered once, and again only if it was not heard") {
        bench in
        let (worker, other) = (WorkerID(), WorkerID())
        let (_, tasks) = try await bench.submit(2)
        try await bench.begin(tasks[0], by: worker)
        try bench.demand(try await bench.store.tasks.expireLeases(limit: 10).isEmpty, "a live lease has run out")
        try bench.demand(try await bench.claim(tasks[0], by: other) == .held, "two workers have a task")
        try bench.demand(try await bench.claim(tasks[0], by: worker) == .granted(1), "a lost answer is not given again")
        try bench.demand(try await bench.renew(tasks[0], 1, by: worker) == .renewed, "the owner does not renew")
        try bench.demand(try await bench.claim(tasks[0], by: worker) == .held, "an attempt that runs is granted again")

        try await bench.begin(tasks[1], by: worker, lease: .zero)
        let late = try await bench.claim(tasks[1], by: worker)
        try bench.demand(late == .stale, "a lease that has run out is granted again: \(late)")
        let back = try await bench.report(tasks[1], by: worker, .handedBack)
        try bench.demand(back == .applied, "a task cannot be handed back")
        try bench.demand(try await bench.attemptsLeft(tasks[1]) == 5, "a task handed back has lost an attempt")
    }

    private static let inputs = MutantScenario(name: "a task begins when all its inputs are there, and not before") {
        bench in
        let worker = WorkerID()
        let (run, tasks) = try await bench.submit(6, [(2, 0), (2, 1), (3, 0), (4, 2), (4, 3), (5, 0)])
        try await bench.finish(tasks[0], by: worker)
        try await bench.demand(tasks, [.succeeded, .queued, .blocked, .queued, .blocked, .queued])
        try await bench.finish(tasks[1], by: worker)
        try await bench.demand(tasks, [.succeeded, .succeeded, .queued, .queued, .blocked, .queued])
        for task in tasks[2...] { try await bench.finish(task, by: worker) }
        try await bench.demand(run, .succeeded)
    }

    private static let losses = MutantScenario(name: "what waits for something lost is skipped, and nothing else") {
        bench in
        let worker = WorkerID()
        let (run, tasks) = try await bench.submit(6, [(1, 0), (2, 1), (3, 2), (4, 0), (5, 4)])
        try await bench.done(.cancel, tasks[4])
        try await bench.demand(tasks, [.queued, .blocked, .blocked, .blocked, .canceled, .skipped])
        try await bench.begin(tasks[0], by: worker)
        let outcome = try await bench.report(tasks[0], by: worker, .failed(badPrompt))
        try bench.demand(outcome == .applied, "a failure was not applied")
        try await bench.demand(tasks, [.failed, .skipped, .skipped, .skipped, .canceled, .skipped])
        try await bench.demand(run, .failed)
    }

    private static let cancel = MutantScenario(name: "what is canceled stops, and nothing makes it go on") { bench in
        let worker = WorkerID()
        let (_, one) = try await bench.submit(2, [(1, 0)])
        try await bench.done(.cancel, one[1])
        try await bench.finish(one[0], by: worker)
        try await bench.demand(one, [.succeeded, .canceled])

        let (run, tasks) = try await bench.submit(3)
        try await bench.begin(tasks[0], by: worker)
        try await bench.finish(tasks[2], by: worker)
        try await bench.done(.cancel, run)
        try await bench.demand(tasks, [.canceling, .canceled, .succeeded])
        try bench.demand(try await !bench.mayUpload(tasks[0], 1, by: worker), "a canceled attempt may upload")
        let stops = try await bench.store.tasks.cancelations(of: [worker]).map(\.task)
        try bench.demand(stops == [tasks[0]], "\(stops) are told to stop")
        try bench.demand(try await bench.claim(tasks[1], by: worker) == .stale, "what was canceled is granted")
        try bench.demand(try await bench.picks().isEmpty, "what was canceled is offered")
        try bench.demand(try await bench.complete(tasks[0], by: worker) == .applied, "a late success is an error")
        try await bench.demand(tasks, [.canceled, .canceled, .succeeded])
        try await bench.demand(run, .canceled)
    }

    private static let pause = MutantScenario(name: "a paused run begins nothing") { bench in
        let worker = WorkerID()
        let (run, tasks) = try await bench.submit(4, [(1, 0)])
        for task in [tasks[0], tasks[2]] { try await bench.begin(task, by: worker) }
        try await bench.done(.pause, run)
        try await bench.demand(tasks, [.running, .blocked, .running, .paused])
        _ = try await bench.complete(tasks[0], by: worker)
        _ = try await bench.report(tasks[2], by: worker, .failed(hiccup))
        try await bench.demand(tasks, [.succeeded, .paused, .paused, .paused])
        try bench.demand(try await bench.picks().isEmpty, "a paused run is offered")
        try await bench.done(.resume, run)
        try await bench.demand(tasks, [.succeeded, .queued, .queued, .queued])
    }

    private static let retry = MutantScenario(name: "a run is done once more, and succeeds once") { bench in
        let worker = WorkerID()
        let (run, task) = try await bench.submitEffect()
        try await bench.finish(task, by: worker)
        try await bench.done(.retry(.all), run)
        try await bench.demand([task], [.queued])
        let shown = try await bench.store.runs.artifacts(of: run, tenant: .standard)
        try bench.demand(shown.isEmpty, "what was given up is shown")
        try await bench.finish(task, 2, by: worker)
        try await bench.demand(run, .succeeded)
    }

    private static let poison = MutantScenario(name: "two dead workers are enough, in each life of a task") { bench in
        let (run, tasks) = try await bench.submit(1)
        func lose(_ attempt: Int) async throws -> [TaskState] {
            try await bench.begin(tasks[0], attempt, by: WorkerID(), lease: .zero)
            return try await bench.store.tasks.expireLeases(limit: 10).map(\.state)
        }
        let before = [try await lose(1), try await lose(2)]
        try bench.demand(before == [[.retrying], [.failed]], "its first life was \(before)")
        try await bench.done(.retry(.failed), run)
        let after = [try await lose(3), try await lose(4)]
        try bench.demand(after == [[.retrying], [.failed]], "its second life was \(after)")
    }

    private static let artifacts = MutantScenario(name: "an object is garbage only when no row can ever show it") {
        bench in
        let worker = WorkerID()
        let (run, task) = try await bench.submitEffect()
        try await bench.begin(task, by: worker, lease: .zero)
        _ = try await bench.store.tasks.expireLeases(limit: 10)
        try await bench.begin(task, 2, by: worker)
        let keys = (1...3).map { bench.key(run, task, $0) }
        let during = try await bench.artifacts.standings(of: keys)
        try bench.demand(during == [.dead, .live, .unknown], "while it runs its objects are \(during)")
        _ = try await bench.complete(task, 2, by: worker)
        let after = try await bench.artifacts.standings(of: keys)
        try bench.demand(after == [.dead, .visible, .unknown], "when it has ended its objects are \(after)")
    }
}
