import Foundation
import Postgres
import StudioCore
import StudioStore
import Testing

@Suite struct TaskGraphStoreTests {
    private let worker = WorkerID()

    @Test func `a task is released when everything it waits for has succeeded, and not before`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 3, edges: [(2, 0), (2, 1)])
            #expect(try await bench.state(tasks[2]) == .blocked)
            for index in 0..<2 {
                _ = try await bench.claim(tasks[index], by: worker)
                _ = try await bench.report(tasks[index], attempt: 1, by: worker)
                #expect(try await bench.state(tasks[2]) == (index == 0 ? .blocked : .queued))
            }
            _ = try await bench.claim(tasks[2], by: worker)
            _ = try await bench.report(tasks[2], attempt: 1, by: worker)
            #expect(try await bench.runState(run) == .succeeded)
        }
    }

    @Test func `two inputs that arrive in one batch release their dependent once`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 3, edges: [(2, 0), (2, 1)])
            for task in tasks.prefix(2) { _ = try await bench.claim(task, by: worker) }
            let reports = tasks.prefix(2).map {
                TaskReport(
                    task: $0, attempt: 1, worker: worker, result: .completed([]),
                    times: TaskReport.Times(download: 0, compute: 0, upload: 0))
            }
            #expect(try await bench.tasks.apply(reports) == [.applied, .applied])
            #expect(try await bench.state(tasks[2]) == .queued)
        }
    }

    @Test func `a failure skips everything downstream at any distance and fails the run`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 4, edges: [(1, 0), (2, 1), (3, 2)])
            _ = try await bench.claim(tasks[0], by: worker)
            let failure = TaskFailure(.userError, code: "bad_prompt", detail: "no")
            _ = try await bench.report(tasks[0], attempt: 1, by: worker, .failed(failure))
            for task in tasks.dropFirst() { #expect(try await bench.state(task) == .skipped) }
            let record = try #require(try await bench.runs.run(run, tenant: .standard))
            #expect(record.state == .failed)
            #expect(record.reason?.code == "bad_prompt")
        }
    }

    @Test func `concurrent reports of one run neither deadlock nor miscount`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 60)
            for task in tasks { _ = try await bench.claim(task, by: worker) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in tasks {
                    group.addTask { _ = try await bench.report(task, attempt: 1, by: worker) }
                }
                try await group.waitForAll()
            }
            let record = try #require(try await bench.runs.run(run, tenant: .standard))
            #expect(record.state == .succeeded)
            #expect(record.tasks[.succeeded] == 60)
            let events = try await bench.runs.events(of: run, after: 0, limit: 1000, tenant: .standard)
            #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
            #expect(events.count { $0.endsRun } == 1)
        }
    }
}
