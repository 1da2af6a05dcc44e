import Postgres
import StudioCore
import StudioStore

// Scenarios of workers that fail, and of what their failures cost whom.
extension MutantScenario {
    static let bookkeeping = [silence, canary, restart, memory, budget]

    private static let broken = TaskFailure(.temporary, code: "executor_failed", detail: "")

    private static let silence = MutantScenario(name: "what has run out ends, if it was so before the database hung") {
        bench in
        let (run, canceled) = try await bench.submit(1)
        let (_, tasks) = try await bench.submit(1)
        let store = bench.store
        _ = try await store.register("gpu")
        let begun = try await store.workers.silence().at
        for task in canceled + tasks { try await bench.begin(task, by: WorkerID(), lease: .zero) }
        try await bench.done(.cancel, run)
        let late = try await store.tasks.expireLeases(limit: 10, by: begun).count
        try bench.demand(late == 0, "\(late) leases have run out before they began")
        let ended = try await store.tasks.expireLeases(limit: 10, canceledOnly: true).map(\.task)
        try bench.demand(ended == canceled, "\(ended.count) leases of canceled tasks ended")
        try await bench.demand(canceled + tasks, [.canceled, .running])
    }

    private static let canary = MutantScenario(name: "a worker is away after failures of many tasks, or as a canary") {
        bench in
        let worker = try await bench.store.register("gpu")
        let (_, tasks) = try await bench.submit(4)
        func fail(_ task: TaskID, _ attempt: Int) async throws {
            try await bench.begin(task, attempt, by: worker)
            _ = try await bench.report(task, attempt, by: worker, .failed(broken))
        }
        for attempt in 1...4 { try await fail(tasks[0], attempt) }
        for task in tasks[1...2] { try await fail(task, 1) }
        let away = try await bench.claim(tasks[3], by: worker)
        try bench.demand(away == .held, "after three failures a claim was answered \(away)")
        try await bench.direct.execute("UPDATE worker_health SET quarantined_until = now()")
        try await fail(tasks[2], 2)
        let again = try await bench.claim(tasks[3], by: worker)
        try bench.demand(again == .held, "after a failure on trial a claim was answered \(again)")
    }

    private static let restart = MutantScenario(name: "a worker that was paused is so when started again") { bench in
        let (_, tasks) = try await bench.submit(1)
        let first = try await bench.store.register("gpu")
        _ = try await bench.store.runs.want(.paused, of: first)
        let second = try await bench.store.register("gpu")
        let answer = try await bench.claim(tasks[0], by: second)
        try bench.demand(answer == .held, "its claim was answered \(answer)")
        _ = try await bench.store.runs.want(.active, of: second)
        try await bench.begin(tasks[0], by: second)
    }

    private static let memory = MutantScenario(name: "what ran out of memory waits for a larger worker, not for ever") {
        bench in
        let (_, tasks) = try await bench.submit(1)
        let small = try await bench.store.register("small", vramMiB: 8_192)
        let large = try await bench.store.register("large", vramMiB: 24_576)
        try await bench.begin(tasks[0], by: small)
        let failure = TaskFailure(.resource, code: TaskFailure.outOfMemoryCode, detail: "")
        _ = try await bench.report(tasks[0], by: small, .failed(failure))
        // Longer ago than a worker is spared a task that it failed.
        try await bench.direct.execute("UPDATE attempts SET ended_at = ended_at - interval '5 minutes'")
        for wish in [DesiredWorkerState.active, .paused] {
            _ = try await bench.store.runs.want(wish, of: large)
            let answer = try await bench.claim(tasks[0], after: 1, by: small)
            try bench.demand(answer == .held, "while the larger one is \(wish) a claim was answered \(answer)")
        }
        try await bench.direct.execute("UPDATE attempts SET ended_at = ended_at - interval '10 minutes'")
        try await bench.begin(tasks[0], 2, by: small)
    }

    private static let budget = MutantScenario(name: "each kind has its own budget of retries") { bench in
        let worker = WorkerID()
        let store = TaskStore(
            client: bench.store.client, retryPolicy: bench.store.tasks.retryPolicy,
            retryBudget: RetryBudget(percent: 0, retriesMin: 2, window: .seconds(3_600)))
        func fail(_ task: TaskID, _ attempt: Int) async throws {
            try await bench.begin(task, attempt, by: worker)
            _ = try await bench.report(task, attempt, by: worker, .failed(broken))
        }
        func held() async throws -> Int { try await store.holdRetries() }
        let (_, tasks) = try await bench.submit(4)
        for task in tasks { try await fail(task, 1) }
        try bench.demand(try await held() == 2, "not as many as the budget has room for")
        let (_, late) = try await bench.submit(1)
        try await bench.direct.execute("UPDATE tasks SET state = 'paused', parked = NULL WHERE parked IS NOT NULL")
        try await fail(late[0], 1)
        try bench.demand(try await held() == 1, "those that wait in the queue do not count")
        for task in tasks[..<2] { try await bench.begin(task, 2, by: worker) }
        let (_, sound) = try await bench.submitEffect()
        try await fail(sound, 1)
        try bench.demand(try await held() == 0, "another kind is held")
    }
}
