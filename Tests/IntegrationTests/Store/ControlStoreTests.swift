import Foundation
import Postgres
import StudioCore
import StudioStore
import Testing

/// What users ask of runs and tasks, against the real database.
@Suite struct ControlStoreTests {
    private let worker = WorkerID()

    @Test func `a canceled run ends at once when nothing runs, and its tasks with it`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 3, edges: [(1, 0), (2, 1)])
            let record = try await bench.done(.cancel, run)
            #expect(record.state == .canceled)
            #expect(record.reason?.code == "canceled_by_user")
            for task in tasks { #expect(try await bench.state(task) == .canceled) }
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).isEmpty)
            try await bench.expectConsistent(run)
        }
    }

    @Test func `a canceled run waits for its running task, whose success comes too late`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 2)
            _ = try await bench.claim(tasks[0], by: worker)
            #expect(try await bench.done(.cancel, run).state == .canceling)
            #expect(try await bench.state(tasks[0]) == .canceling)
            #expect(try await bench.tasks.cancelations(of: [worker]).map(\.task) == [tasks[0]])
            #expect(try await bench.tasks.cancelations(of: [WorkerID()]).isEmpty)
            #expect(try await bench.tasks.uploadRights(task: tasks[0], attempt: 1, worker: worker) == .canceled)
            #expect(try await bench.report(tasks[0], attempt: 1, by: worker) == .applied)
            #expect(try await bench.state(tasks[0]) == .canceled)
            #expect(try await bench.runState(run) == .canceled)
            #expect(try await bench.done(.cancel, run).state == .canceled, "asking again changes nothing")
            try await bench.expectConsistent(run)
        }
    }

    @Test func `of a completion and a cancel the one that committed first wins`() async throws {
        try await StoreBench.with { bench in
            for _ in 0..<20 {
                let (run, tasks) = try await bench.submitted(tasks: 1)
                _ = try await bench.claim(tasks[0], by: worker)
                async let completion = bench.report(tasks[0], attempt: 1, by: worker)
                async let cancel = bench.runs.control(.cancel, run: run, tenant: .standard)
                let (outcome, answer) = try await (completion, cancel)
                #expect(outcome == .applied)
                switch (try await bench.runState(run), answer) {
                case (.succeeded, .refused(.succeeded)), (.canceled, .done): break
                case (let state, let answer): Issue.record("the run is \(state) after \(answer)")
                }
                try await bench.expectConsistent(run)
            }
        }
    }

    @Test func `a paused run begins nothing new, goes on when resumed, and forgets no delay`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 3, edges: [(1, 0)])
            _ = try await bench.claim(tasks[0], by: worker)
            #expect(try await bench.done(.pause, run).state == .paused)
            #expect(try await bench.state(tasks[2]) == .paused)
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).isEmpty)
            // What runs goes on, and what it releases waits.
            #expect(try await bench.report(tasks[0], attempt: 1, by: worker) == .applied)
            #expect(try await bench.state(tasks[1]) == .paused)
            #expect(try await bench.done(.resume, run).state == .running)
            #expect(
                Set(try await bench.tasks.pickHints(in: Lane.all, window: .standard).map(\.task)) == [
                    tasks[1], tasks[2],
                ])
            for task in tasks[1...] {
                _ = try await bench.claim(task, by: worker)
                _ = try await bench.report(task, attempt: 1, by: worker)
            }
            #expect(try await bench.runState(run) == .succeeded)
            try await bench.expectConsistent(run)
        }
    }

    @Test func `a task that fails or is handed back in a paused run waits with it`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 2)
            for task in tasks { _ = try await bench.claim(task, by: worker) }
            _ = try await bench.done(.pause, run)
            let failure = TaskFailure(.temporary, code: "c", detail: "d")
            _ = try await bench.report(tasks[0], attempt: 1, by: worker, .failed(failure))
            _ = try await bench.report(tasks[1], attempt: 1, by: worker, .handedBack)
            for task in tasks { #expect(try await bench.state(task) == .paused) }
            _ = try await bench.done(.resume, run)
            for task in tasks { #expect(try await bench.state(task) == .queued) }
        }
    }

    @Test func `a retried run does what failed once more, with what was skipped, and keeps what succeeded`()
        async throws
    {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 4, edges: [(2, 0), (2, 1), (3, 2)], attemptsMax: 1)
            try await bench.finish(tasks[0], by: worker)
            _ = try await bench.claim(tasks[1], by: worker)
            let failure = TaskFailure(.userError, code: "bad_prompt", detail: "no")
            _ = try await bench.report(tasks[1], attempt: 1, by: worker, .failed(failure))
            #expect(try await bench.runState(run) == .failed)
            #expect(try await bench.state(tasks[3]) == .skipped)

            let reopened = try await bench.done(.retry(.failed), run)
            #expect(reopened.state == .queued)
            #expect(reopened.reason == nil && reopened.finishedAt == nil)
            #expect(try await bench.states(tasks) == [.succeeded, .queued, .blocked, .blocked])
            #expect(try await bench.report(tasks[1], attempt: 1, by: worker) == .stale, "of its life before")
            #expect(try await bench.claim(tasks[1], attempt: 1, by: worker) == 2)
            #expect(try await bench.report(tasks[1], attempt: 2, by: worker) == .applied)
            try await bench.finish(tasks[2], by: worker)
            try await bench.finish(tasks[3], by: worker)
            #expect(try await bench.runState(run) == .succeeded)
            try await bench.expectConsistent(run)
        }
    }

    @Test func `a run retried whole gives its artifacts up and makes them again`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 2, edges: [(1, 0)])
            for task in tasks { try await bench.finish(task, by: worker) }
            guard
                case .refused(.succeeded) = try await bench.runs.control(
                    .retry(.failed), run: run, tenant: .standard)
            else {
                Issue.record("nothing failed, and yet it was retried")
                return
            }
            #expect(try await bench.done(.retry(.all), run).state == .queued)
            #expect(try await bench.states(tasks) == [.queued, .blocked])
            #expect(try await bench.runs.artifacts(of: run, tenant: .standard).isEmpty)
            for task in tasks { try await bench.finish(task, after: 1, by: worker) }
            #expect(try await bench.runState(run) == .succeeded)
            let attempts = try #require(try await bench.runs.attempts(of: tasks[0], tenant: .standard))
            #expect(attempts.map(\.outcome) == ["superseded", "succeeded"])
            try await bench.expectConsistent(run)
        }
    }

    @Test func `a canceled task takes what needs it along; retried, it brings it back`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 3, edges: [(1, 0)])
            #expect(try await bench.done(.cancel, tasks[0]).state == .canceled)
            #expect(try await bench.states(tasks) == [.canceled, .skipped, .queued])
            #expect(try await bench.done(.retry, tasks[0]).state == .queued)
            #expect(try await bench.states(tasks) == [.queued, .blocked, .queued])
            for task in tasks { try await bench.finish(task, by: worker) }
            #expect(try await bench.runState(run) == .succeeded)
            try await bench.expectConsistent(run)
        }
    }

    @Test func `a retried task does not bring back what another failed task holds up`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 3, edges: [(2, 0), (2, 1)])
            _ = try await bench.done(.cancel, tasks[0])
            _ = try await bench.done(.cancel, tasks[1])
            #expect(try await bench.runState(run) == .canceled)
            _ = try await bench.done(.retry, tasks[0])
            #expect(try await bench.states(tasks) == [.queued, .canceled, .skipped])
            try await bench.finish(tasks[0], by: worker)
            #expect(try await bench.runState(run) == .canceled)
        }
    }

    @Test func `a task that waits for its next attempt is retried at once`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            _ = try await bench.claim(tasks[0], by: worker)
            let failure = TaskFailure(.rateLimit, code: "slow_down", detail: "", retryAfterSeconds: 50)
            _ = try await bench.report(tasks[0], attempt: 1, by: worker, .failed(failure))
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).isEmpty)
            let why = try #require(try await bench.runs.why(tasks[0], tenant: .standard))
            #expect(why.causes.map(\.code) == [.backoff])
            #expect(why.causes[0].until != nil)
            _ = try await bench.done(.retry, tasks[0])
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).map(\.task) == tasks)
        }
    }

    @Test func `a wish with the same key is done once`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 1)
            _ = try await bench.done(.cancel, run)
            let claim = IdempotencyClaim(key: "k", requestHash: "retry")
            guard
                case .done = try await bench.runs.control(
                    .retry(.failed), run: run, tenant: .standard, idempotency: claim)
            else {
                Issue.record("not retried")
                return
            }
            _ = try await bench.done(.cancel, run)
            guard
                case .replayed(let record) = try await bench.runs.control(
                    .retry(.failed), run: run, tenant: .standard, idempotency: claim)
            else {
                Issue.record("not replayed")
                return
            }
            #expect(record.state == .canceled, "the replay did nothing")
            #expect(try await bench.state(tasks[0]) == .canceled)
            let other = IdempotencyClaim(key: "k", requestHash: "pause")
            guard
                case .conflictingBody = try await bench.runs.control(
                    .pause, run: run, tenant: .standard, idempotency: other)
            else {
                Issue.record("a key stands for one request")
                return
            }
        }
    }

    @Test func `another tenant's run and task are not there`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 1)
            guard case .notFound = try await bench.runs.control(.cancel, run: run, tenant: TenantID()),
                case .notFound = try await bench.runs.control(.cancel, task: tasks[0], tenant: TenantID())
            else {
                Issue.record("a stranger may control it")
                return
            }
            #expect(try await bench.runs.why(tasks[0], tenant: TenantID()) == nil)
            #expect(try await bench.runs.attempts(of: tasks[0], tenant: TenantID()) == nil)
            #expect(try await bench.runState(run) == .queued)
        }
    }

    @Test func `a run past its deadline has failed, when its last worker has stopped`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 2)
            let (other, _) = try await bench.submitted(tasks: 1)
            _ = try await bench.claim(tasks[0], by: worker)
            try await bench.client.execute(
                "UPDATE runs SET deadline_at = now() - interval '1 second' WHERE id = \(run.uuid)")
            #expect(try await bench.giveUpOverdue() == [run])
            #expect(try await bench.giveUpOverdue().isEmpty)
            #expect(try await bench.runState(run) == .canceling)
            _ = try await bench.report(tasks[0], attempt: 1, by: worker, .canceled)
            let record = try #require(try await bench.runs.run(run, tenant: .standard))
            #expect(record.state == .failed)
            #expect(record.reason?.code == "deadline_exceeded")
            #expect(try await bench.runState(other) == .queued)
        }
    }

    @Test func `a task that two workers died of is set aside, and one that a single worker lost twice is not`()
        async throws
    {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 2, attemptsMax: 5)
            for (attempt, worker) in [WorkerID(), WorkerID()].enumerated() {
                _ = try await bench.claim(tasks[0], attempt: attempt, by: worker, lease: .zero)
                _ = try await bench.claim(tasks[1], attempt: attempt, by: self.worker, lease: .zero)
                _ = try await bench.tasks.expireLeases(limit: 10)
            }
            #expect(try await bench.states(tasks) == [.failed, .retrying])
            let task = try #require(try await bench.runs.task(tasks[0], tenant: .standard))
            #expect(task.reason?.category == .poison)
            #expect(try await bench.runState(run) == .running)
        }
    }
}
