import Foundation
import Postgres
import StudioCore
import StudioStore
import Testing

@Suite struct DispatchStoreTests {
    private let lane = Lane(kind: .noop, priority: .batch)
    private let window = DispatchWindow(
        hintsMin: 5, hintsPerSlot: 4, hintLife: .seconds(30), workerLife: .seconds(30))

    @Test func `a lane never has more hints on their way than its window, and each task one`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 12)
            let first = try await bench.tasks.pickHints(in: Lane.all, window: window)
            #expect(first.count == 5)
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: window).isEmpty)
            for hint in first { _ = try await bench.claim(hint.task, by: WorkerID()) }
            let second = try await bench.tasks.pickHints(in: Lane.all, window: window)
            #expect(second.count == 5)
            #expect(Set(first + second).count == 10)
            #expect(Set((first + second).map(\.task)).isSubset(of: Set(tasks)))
        }
    }

    @Test func `the window grows with the slots of the workers that are there`() async throws {
        try await StoreBench.with { bench in
            try await bench.submitted(tasks: 40)
            try await bench.workers.register(
                WorkerHello(id: WorkerID(), name: "w", kinds: [.noop], slots: 6, version: "1", labels: [:]))
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: window).count == 24)
        }
    }

    @Test func `concurrent dispatchers never pick the same task`() async throws {
        try await StoreBench.with { bench in
            try await bench.submitted(tasks: 50)
            let wide = DispatchWindow(hintsMin: 100, hintsPerSlot: 1, hintLife: .seconds(30), workerLife: .seconds(30))
            let picked = try await withThrowingTaskGroup(of: [Hint].self) { group in
                for _ in 0..<6 {
                    group.addTask { try await bench.tasks.pickHints(in: Lane.all, window: wide) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(picked.count == 50)
            #expect(Set(picked.map(\.task)).count == 50)
        }
    }

    @Test func `hints that were not published are sent again at once`() async throws {
        try await StoreBench.with { bench in
            try await bench.submitted(tasks: 2)
            let hints = try await bench.tasks.pickHints(in: Lane.all, window: window)
            try await bench.tasks.forget(hints)
            #expect(Set(try await bench.tasks.pickHints(in: Lane.all, window: window)) == Set(hints))
        }
    }

    @Test func `what a purged queue lost is sent again, what the queue still holds is not`() async throws {
        try await StoreBench.with { bench in
            try await bench.submitted(tasks: 4)
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: window).count == 4)
            let young = try await bench.tasks.reconcile(
                lane, queueDepth: 0, olderThan: .seconds(10), window: window)
            #expect(young == 0, "they may still be on their way")
            let kept = try await bench.tasks.reconcile(lane, queueDepth: 4, olderThan: .seconds(-1), window: window)
            #expect(kept == 0)
            let lost = try await bench.tasks.reconcile(lane, queueDepth: 1, olderThan: .seconds(-1), window: window)
            #expect(lost == 3)
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: window).count == 3)
        }
    }

    @Test func `a lost hint is found while younger ones keep its lane busy`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 21)
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).count == 21)
            func lost(_ depth: Int) async throws -> Int {
                try await bench.tasks.reconcile(
                    lane, queueDepth: depth, olderThan: .seconds(10), window: .standard)
            }
            #expect(try await lost(0) == 0, "young ones may still be on their way")
            try await bench.client.execute(
                "UPDATE tasks SET hint_expires = now() + interval '15 seconds' WHERE id = \(tasks[20].uuid)")
            #expect(try await lost(21) == 0)
            try await bench.client.execute(
                "UPDATE tasks SET hint_expires = now() + interval '15 seconds' WHERE id = \(tasks[20].uuid)")
            #expect(try await lost(20) == 1)
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).map(\.task) == [tasks[20]])
        }
    }

    @Test func `a task that waits for its retry is not hinted before its time`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            let worker = WorkerID()
            _ = try await bench.claim(tasks[0], by: worker)
            let later = TaskFailure(.rateLimit, code: "busy", detail: "later", retryAfterSeconds: 60)
            _ = try await bench.report(tasks[0], attempt: 1, by: worker, .failed(later))
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: window).isEmpty)
            try await bench.client.execute("UPDATE tasks SET run_at = now() WHERE id = \(tasks[0].uuid)")
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: window).map(\.attempt) == [1])
        }
    }
}
