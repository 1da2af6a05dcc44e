import Postgres
import StudioCore
import StudioStore

// Scenarios about whose turn it is: of tasks in a lane, and of workers.
extension MutantScenario {
    static let turns = [line, keptBack, busyLane, spared, trial, hanging]

    private static let lane = Lane(kind: .noop, priority: .batch)
    /// Room for one hint.
    private static let narrow = DispatchWindow(
        hintsMin: 1, hintsPerSlot: 0, hintLife: .seconds(30), workerLife: .seconds(30))

    private static let line = MutantScenario(name: "what a worker lost keeps its place in the line") { bench in
        let worker = WorkerID()
        let (_, first) = try await bench.submit(1)
        let (_, second) = try await bench.submit(1)
        try await bench.begin(first[0], by: worker, lease: .zero)
        _ = try await bench.store.tasks.expireLeases(limit: 10)
        let picked = try await bench.store.tasks.pickHints(in: [lane], window: narrow).map(\.task)
        try bench.demand(picked == first, "after a lost lease \(picked == second ? "the next task" : "nothing") comes")
    }

    private static let keptBack = MutantScenario(name: "what is kept back makes room, and is not lost") { bench in
        let worker = try await bench.store.register("held")
        _ = try await bench.store.runs.want(.paused, of: worker)
        let (_, tasks) = try await bench.submit(2)
        let store = bench.store.tasks
        let first = try await store.pickHints(in: [lane], window: narrow).map(\.task)
        try bench.demand(first.count == 1, "\(first.count) hints in a window of one")
        try bench.demand(try await bench.claim(first[0], by: worker) == .held, "a paused worker got a task")
        let second = try await store.pickHints(in: [lane], window: narrow).map(\.task)
        try bench.demand(second == tasks.filter { $0 != first[0] }, "what comes next was not offered")
        let lost = try await store.reconcile(lane, queueDepth: 0, olderThan: .seconds(-1), window: narrow)
        try bench.demand(lost == 1, "of one hint \(lost) were lost")
    }

    private static let busyLane = MutantScenario(name: "a lost hint is found in a busy lane, and a young one is left") {
        bench in
        let (_, tasks) = try await bench.submit(4)
        _ = try await bench.picks()
        func lost(_ depth: Int) async throws -> Int {
            try await bench.store.tasks.reconcile(
                lane, queueDepth: depth, olderThan: .seconds(10), window: .standard)
        }
        try bench.demand(try await lost(0) == 0, "hints that may be on their way were taken for lost")
        try await bench.direct.execute(
            "UPDATE tasks SET hint_expires = now() + interval '15 seconds' WHERE id = \(tasks[0].uuid)")
        try bench.demand(try await lost(3) == 1, "an old hint was taken for one of the young ones in the queue")
    }

    private static let spared = MutantScenario(name: "a task that failed on one worker is tried on another") { bench in
        let broken = try await bench.store.register("broken")
        let other = try await bench.store.register("other")
        let (_, tasks) = try await bench.submit(1)
        try await bench.begin(tasks[0], by: broken)
        let failure = TaskFailure(.temporary, code: "executor_failed", detail: "it always does")
        _ = try await bench.report(tasks[0], by: broken, .failed(failure))
        let restarted = try await bench.store.register("broken")
        for worker in [broken, restarted] {
            let answer = try await bench.claim(tasks[0], after: 1, by: worker)
            try bench.demand(answer == .held, "the worker that failed was answered \(answer)")
        }
        try await bench.begin(tasks[0], 2, by: other)
    }

    private static let trial = MutantScenario(name: "a worker on trial gets one task") { bench in
        let worker = try await bench.store.register("canary")
        try await bench.direct.execute("INSERT INTO worker_health (name, strikes) VALUES ('canary', 1)")
        let (_, tasks) = try await bench.submit(3)
        let outcomes = try await bench.store.tasks.claim(
            tasks.map { ClaimOrder(task: $0, attempt: 0, worker: worker) }, lease: StoreBench.lease)
        let granted = outcomes.count { if case .granted = $0 { true } else { false } }
        try bench.demand(granted == 1, "it got \(granted) tasks at once")
    }

    private static let hanging = MutantScenario(name: "a worker that hangs loses its task, and that is its own doing") {
        bench in
        let worker = try await bench.store.register("hanging")
        let (_, tasks) = try await bench.submit(1)
        try await bench.begin(tasks[0], by: worker)
        try await bench.direct.execute("UPDATE tasks SET started_at = now() - interval '11 minutes'")
        try bench.demand(try await bench.renew(tasks[0], 1, by: worker) == .lost, "its lease was renewed")
        try await bench.direct.execute("UPDATE tasks SET lease_expires = now() - interval '1 second'")
        try await bench.direct.execute("UPDATE workers SET last_seen = now()")
        let expired = try await bench.store.tasks.expireLeases(limit: 10).map(\.state)
        try bench.demand(expired == [.retrying], "an attempt without end became \(expired)")
        try bench.demand(try await bench.attemptsLeft(tasks[0]) == 4, "the attempt was given back")
    }
}
