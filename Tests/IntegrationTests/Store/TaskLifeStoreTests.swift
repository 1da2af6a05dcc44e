import Foundation
import Postgres
import StudioCore
import StudioStore
import Testing

@Suite struct TaskLifeStoreTests {
    private let worker = WorkerID()
    private let other = WorkerID()

    @Test func `a claimed and completed task ends its run`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 1)
            #expect(try await bench.runState(run) == .queued)
            let attempt = try await bench.claim(tasks[0], by: worker)
            #expect(attempt == 1)
            #expect(try await bench.runState(run) == .running)
            #expect(try await bench.report(tasks[0], attempt: 1, by: worker) == .applied)
            #expect(try await bench.state(tasks[0]) == .succeeded)
            #expect(try await bench.runState(run) == .succeeded)
            let events = try await bench.runs.events(of: run, after: 0, limit: 100, tenant: .standard)
            #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
            #expect(events.last?.endsRun == true)
        }
    }

    @Test func `a second claim is held while the lease lives, and stale when the hint is old`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            _ = try await bench.claim(tasks[0], by: worker)
            let again = ClaimOrder(task: tasks[0], attempt: 0, worker: other)
            guard case .held = try await bench.tasks.claim([again], lease: StoreBench.lease)[0] else {
                Issue.record("a leased task was not held")
                return
            }
            _ = try await bench.report(tasks[0], attempt: 1, by: worker)
            guard case .stale = try await bench.tasks.claim([again], lease: StoreBench.lease)[0] else {
                Issue.record("an old hint was not stale")
                return
            }
        }
    }

    @Test func `of many concurrent claims exactly one is granted`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 20)
            let granted = try await withThrowingTaskGroup(of: [TaskID].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let worker = WorkerID()
                        let orders = tasks.shuffled().map { ClaimOrder(task: $0, attempt: 0, worker: worker) }
                        return try await bench.tasks.claim(orders, lease: StoreBench.lease).compactMap {
                            if case .granted(let task) = $0 { task.task } else { nil }
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(granted.count == 20)
            #expect(Set(granted) == Set(tasks))
        }
    }

    @Test func `two claims of one task in the same batch have one winner`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            let outcomes = try await bench.tasks.claim(
                [worker, other].map { ClaimOrder(task: tasks[0], attempt: 0, worker: $0) }, lease: StoreBench.lease)
            let granted = outcomes.count { if case .granted = $0 { true } else { false } }
            let held = outcomes.count { if case .held = $0 { true } else { false } }
            #expect((granted, held) == (1, 1))
        }
    }

    @Test func `a worker whose lease expired can neither renew nor complete, and the next attempt can`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 1)
            _ = try await bench.claim(tasks[0], by: worker, lease: .zero)
            let expired = try await bench.tasks.expireLeases(limit: 10)
            #expect(expired.map(\.task) == tasks)
            #expect(try await bench.state(tasks[0]) == .retrying)
            let pulse = Pulse(
                task: tasks[0], attempt: 1, worker: worker, phase: "sampling", done: 1, total: 2, unit: "frames")
            #expect(try await bench.tasks.renew([pulse], lease: StoreBench.lease) == [.lost])
            #expect(try await bench.report(tasks[0], attempt: 1, by: worker) == .stale)

            #expect(try await bench.claim(tasks[0], attempt: 1, by: other) == 2)
            #expect(try await bench.report(tasks[0], attempt: 1, by: worker) == .stale)
            #expect(try await bench.report(tasks[0], attempt: 2, by: worker) == .stale, "not its attempt")
            #expect(try await bench.report(tasks[0], attempt: 2, by: other) == .applied)
            #expect(try await bench.runState(run) == .succeeded)
            #expect(try await bench.report(tasks[0], attempt: 2, by: other) == .stale, "terminal is final")
        }
    }

    @Test func `a renewed lease is not reaped and shows its progress`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            _ = try await bench.claim(tasks[0], by: worker, lease: .zero)
            let pulse = Pulse(
                task: tasks[0], attempt: 1, worker: worker, phase: "sampling", done: 12, total: 96, unit: "frames")
            #expect(try await bench.tasks.renew([pulse], lease: StoreBench.lease) == [.renewed])
            #expect(try await bench.tasks.expireLeases(limit: 10).isEmpty)
            let record = try #require(try await bench.runs.task(tasks[0], tenant: .standard))
            #expect(record.phase == "sampling")
            #expect(record.progress?.ratio == 0.125)
        }
    }

    @Test func `attempts are bounded: the last lease that expires fails the task and its run`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 1, attemptsMax: 2)
            for attempt in 0..<2 {
                _ = try await bench.claim(tasks[0], attempt: attempt, by: worker, lease: .zero)
                _ = try await bench.tasks.expireLeases(limit: 10)
            }
            #expect(try await bench.state(tasks[0]) == .failed)
            let record = try #require(try await bench.runs.run(run, tenant: .standard))
            #expect(record.state == .failed)
            #expect(record.reason?.code == "lease_expired")
        }
    }

    @Test func `a task handed back costs no attempt`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 1, attemptsMax: 1)
            _ = try await bench.claim(tasks[0], by: worker)
            #expect(try await bench.report(tasks[0], attempt: 1, by: worker, .handedBack) == .applied)
            #expect(try await bench.state(tasks[0]) == .queued)
            #expect(try await bench.claim(tasks[0], attempt: 1, by: other) == 2)
            #expect(try await bench.report(tasks[0], attempt: 2, by: other) == .applied)
            #expect(try await bench.runState(run) == .succeeded)
        }
    }

    @Test func `a user's error fails at once, a temporary one is tried again`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 2)
            for task in tasks { _ = try await bench.claim(task, by: worker) }
            let user = TaskFailure(.userError, code: "bad_prompt", detail: "no")
            let temporary = TaskFailure(.temporary, code: "busy", detail: "later")
            #expect(try await bench.report(tasks[0], attempt: 1, by: worker, .failed(user)) == .applied)
            #expect(try await bench.report(tasks[1], attempt: 1, by: worker, .failed(temporary)) == .applied)
            #expect(try await bench.state(tasks[0]) == .failed)
            #expect(try await bench.state(tasks[1]) == .retrying)
        }
    }

    @Test func `a task that a worker lost keeps its place in the line, one that failed goes to its end`() async throws {
        let narrow = DispatchWindow(hintsMin: 1, hintsPerSlot: 0, hintLife: .seconds(30), workerLife: .seconds(30))
        let temporary = TaskFailure(.temporary, code: "busy", detail: "later")
        try await StoreBench.with { bench in
            func next() async throws -> TaskID? {
                let hint = try await bench.tasks.pickHints(in: Lane.all, window: narrow).first
                if let hint { try await bench.tasks.forget([hint]) }
                return hint?.task
            }
            var tasks: [TaskID] = []
            for _ in 0..<2 { tasks += try await bench.submitted(tasks: 1, attemptsMax: 5).tasks }
            _ = try await bench.claim(tasks[0], by: worker, lease: .zero)
            _ = try await bench.tasks.expireLeases(limit: 10)
            #expect(try await next() == tasks[0])
            _ = try await bench.claim(tasks[0], attempt: 1, by: worker)
            _ = try await bench.report(tasks[0], attempt: 2, by: worker, .handedBack)
            #expect(try await next() == tasks[0])
            _ = try await bench.claim(tasks[0], attempt: 2, by: worker)
            _ = try await bench.report(tasks[0], attempt: 3, by: worker, .failed(temporary))
            #expect(try await next() == tasks[1])
        }
    }

    @Test func `an attempt without end loses its lease, however often its worker says that it goes on`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 2)
            let worker = try await bench.register("gpu-1")
            for task in tasks { _ = try await bench.claim(task, by: worker) }
            try await bench.client.execute(
                "UPDATE tasks SET started_at = now() - interval '11 minutes' WHERE id = \(tasks[0].uuid)")
            let pulses = tasks.map {
                Pulse(task: $0, attempt: 1, worker: worker, phase: "sampling", done: 1, total: 2, unit: "frames")
            }
            #expect(try await bench.tasks.renew(pulses, lease: StoreBench.lease) == [.lost, .renewed])
            try await bench.client.execute("UPDATE tasks SET lease_expires = now() - interval '1 second'")
            try await bench.client.execute("UPDATE workers SET last_seen = now()")
            #expect(try await bench.tasks.expireLeases(limit: 10).count == 2)
            // We had been away for the other one's lease, as its worker is there; this one's worker held it up.
            var outcomes: [[String?]] = []
            for task in tasks {
                outcomes.append(
                    try #require(try await bench.runs.attempts(of: task, tenant: .standard)).map(\.outcome))
            }
            #expect(outcomes == [["expired"], ["interrupted"]])
        }
    }

    @Test func `a task of a newer program is handed on as it is, and is in nobody's way`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 3)
            try await bench.client.execute(
                "UPDATE tasks SET spec = '{\"of\": \"tomorrow\"}' WHERE id = \(tasks[1].uuid)")
            let outcomes = try await bench.tasks.claim(
                tasks.map { ClaimOrder(task: $0, attempt: 0, worker: worker) }, lease: StoreBench.lease)
            let claimed = outcomes.compactMap { outcome in
                if case .granted(let task) = outcome { task } else { nil }
            }
            #expect(claimed.map(\.task) == tasks)
            #expect(claimed.map(\.kind) == [.noop, .noop, .noop])
            #expect(claimed.map { $0.spec.contains("tomorrow") } == [false, true, false])
        }
    }

    @Test func `the same report twice in one batch is applied once`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            _ = try await bench.claim(tasks[0], by: worker)
            let report = TaskReport(
                task: tasks[0], attempt: 1, worker: worker, result: .completed([]),
                times: TaskReport.Times(download: 0, compute: 0, upload: 0))
            #expect(try await bench.tasks.apply([report, report]) == [.applied, .stale])
        }
    }
}
