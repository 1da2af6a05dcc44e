import Foundation
import Postgres
import StudioCore
import StudioStore
import Testing

/// Who gets work, and who does not.
@Suite struct FleetStoreTests {
    private let window = DispatchWindow(
        hintsMin: 12, hintsPerSlot: 1, hintLife: .seconds(30), workerLife: .seconds(30))

    @Test func `tenants share a lane by their weights, and a backlog delays nobody's first task`() async throws {
        try await StoreBench.with { bench in
            let large = TenantID(), small = TenantID()
            try await bench.client.execute(
                """
                INSERT INTO tenants (id, name, weight) VALUES (\(large.uuid), 'large', 2), (\(small.uuid), 'small', 1)
                """)
            try await bench.submit(tasks: 200, tenant: large)
            try await bench.submit(tasks: 200, tenant: small)
            let first = try await bench.tasks.pickHints(in: Lane.all, window: window)
            #expect(try await bench.tenants(of: first) == [large: 8, small: 4])
            // A tenant that comes late is served with the very next slots.
            try await bench.submit(tasks: 2)
            for hint in first.prefix(3) { _ = try await bench.claim(hint.task, by: WorkerID()) }
            let second = try await bench.tasks.pickHints(in: Lane.all, window: window)
            #expect(second.count == 3)
            #expect(try await bench.tenants(of: second)[.standard] == 2)
        }
    }

    @Test func `a worker that fails at three tasks in a row gets nothing, then one at a time, then is forgiven`()
        async throws
    {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 8)
            let worker = try await bench.register("gpu-1")
            let failure = TaskFailure(.resource, code: "out_of_memory", detail: "12 GiB asked, 3 GiB free")
            for task in tasks.prefix(3) {
                _ = try await bench.claim(task, by: worker)
                _ = try await bench.report(task, attempt: 1, by: worker, .failed(failure))
            }
            #expect(try await bench.isTurnedAway(tasks[3], worker))
            let restarted = try await bench.register("gpu-1")
            #expect(try await bench.isTurnedAway(tasks[3], restarted), "the GPU is the same after a restart")
            #expect(try await bench.runs.workers().map(\.state) == [.quarantined, .quarantined])

            try await bench.client.execute("UPDATE worker_health SET quarantined_until = now()")
            _ = try await bench.claim(tasks[3], by: worker)
            #expect(try await bench.isTurnedAway(tasks[4], worker), "one at a time, until it has shown that it can")
            _ = try await bench.report(tasks[3], attempt: 1, by: worker, .completed([]))
            _ = try await bench.claim(tasks[4], by: worker)
            _ = try await bench.claim(tasks[5], by: worker)
        }
    }

    @Test func `a canary that fails sends its worker away for longer`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 4)
            let worker = try await bench.register("gpu-1")
            let failure = TaskFailure(.resource, code: "xid", detail: "the GPU has fallen off the bus")
            for task in tasks {
                _ = try await bench.claim(task, by: worker)
                _ = try await bench.report(task, attempt: 1, by: worker, .failed(failure))
                if task == tasks[2] {
                    try await bench.client.execute("UPDATE worker_health SET quarantined_until = now()")
                }
            }
            let seconds = try await bench.client.query(
                "SELECT extract(epoch FROM quarantined_until - now())::float8 AS n FROM worker_health")[0]
                .decode("n", as: Double.self)
            #expect((100...120).contains(seconds))
        }
    }

    @Test func `one task that fails three times does not quarantine its worker`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 2, attemptsMax: 5)
            let worker = try await bench.register("gpu-1")
            let failure = TaskFailure(.temporary, code: "c", detail: "d")
            for attempt in 0..<3 {
                _ = try await bench.claim(tasks[0], attempt: attempt, by: worker)
                _ = try await bench.report(tasks[0], attempt: attempt + 1, by: worker, .failed(failure))
            }
            _ = try await bench.claim(tasks[1], by: worker)
        }
    }

    @Test func `a task that ran out of memory goes to another worker, if there is one`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            let worker = try await bench.register("gpu-1")
            let failure = TaskFailure(.resource, code: "out_of_memory", detail: "")
            _ = try await bench.claim(tasks[0], by: worker)
            _ = try await bench.report(tasks[0], attempt: 1, by: worker, .failed(failure))
            let other = try await bench.register("gpu-2")
            #expect(try await bench.isTurnedAway(tasks[0], attempt: 1, worker))
            #expect(try await bench.claim(tasks[0], attempt: 1, by: other) == 2)
            _ = try await bench.report(tasks[0], attempt: 2, by: other, .failed(failure))
            try await bench.client.execute("DELETE FROM workers WHERE id = \(worker.uuid)")
            #expect(try await bench.claim(tasks[0], attempt: 2, by: other) == 3, "better there than nowhere")
        }
    }

    @Test func `a task that failed on a worker goes to another one, whatever its process is called now`()
        async throws
    {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1, attemptsMax: 5)
            let worker = try await bench.register("gpu-1")
            let failure = TaskFailure(.temporary, code: "executor_failed", detail: "exit code 1")
            _ = try await bench.claim(tasks[0], by: worker)
            _ = try await bench.report(tasks[0], attempt: 1, by: worker, .failed(failure))
            let restarted = try await bench.register("gpu-1")
            let other = try await bench.register("gpu-2")
            #expect(try await bench.isTurnedAway(tasks[0], attempt: 1, worker))
            #expect(try await bench.isTurnedAway(tasks[0], attempt: 1, restarted))
            try await bench.client.execute("UPDATE attempts SET ended_at = now() - interval '1 minute'")
            #expect(try await bench.claim(tasks[0], attempt: 1, by: restarted) == 2, "not for ever")
            _ = try await bench.report(tasks[0], attempt: 2, by: restarted, .failed(failure))
            #expect(try await bench.isTurnedAway(tasks[0], attempt: 2, restarted))
            #expect(try await bench.claim(tasks[0], attempt: 2, by: other) == 3)
        }
    }

    @Test func `a task with which a worker died goes to another one, if that is free`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            let dead = try await bench.register("gpu-1")
            _ = try await bench.claim(tasks[0], by: dead, lease: .zero)
            #expect(try await bench.tasks.expireLeases(limit: 10).map(\.state) == [.retrying])
            let restarted = try await bench.register("gpu-1")
            let other = try await bench.register("gpu-2")
            #expect(try await bench.isTurnedAway(tasks[0], attempt: 1, restarted))
            _ = try await bench.workers.see([WorkerSighting(id: other, running: 4, draining: false)])
            #expect(try await bench.claim(tasks[0], attempt: 1, by: restarted) == 2, "it is taken over at once")
        }
    }

    @Test func `a worker on trial gets one task, however many it asks for, and of however many hubs`() async throws {
        try await StoreBench.with { bench in
            let worker = try await bench.register("gpu-1")
            try await bench.client.execute("INSERT INTO worker_health (name, strikes) VALUES ('gpu-1', 1)")
            func granted(_ tasks: [TaskID]) async throws -> Int {
                let orders = tasks.map { ClaimOrder(task: $0, attempt: 0, worker: worker) }
                return try await bench.tasks.claim(orders, lease: StoreBench.lease)
                    .count { if case .granted = $0 { true } else { false } }
            }
            let (_, batch) = try await bench.submitted(tasks: 3)
            #expect(try await granted(batch) == 1)
            for _ in 0..<5 {
                try await bench.client.execute("DELETE FROM runs")
                // Of different runs, or the claims would wait for each other anyway.
                var tasks: [TaskID] = []
                for _ in 0..<6 { tasks += try await bench.submitted(tasks: 1).tasks }
                let total = try await withThrowingTaskGroup(of: Int.self) { group in
                    for task in tasks { group.addTask { try await granted([task]) } }
                    return try await group.reduce(0, +)
                }
                #expect(total == 1)
            }
        }
    }

    @Test func `a paused worker is told so with its heartbeat, and gets nothing meanwhile`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 2)
            let worker = try await bench.register("gpu-1")
            let sighting = WorkerSighting(id: worker, running: 0, draining: false)
            #expect(try await bench.workers.see([sighting]) == [worker: .work])
            #expect(try await bench.runs.want(.paused, of: worker)?.state == .paused)
            #expect(try await bench.workers.see([sighting]) == [worker: .hold])
            #expect(try await bench.isTurnedAway(tasks[0], worker))
            let why = try #require(try await bench.runs.why(tasks[0], tenant: .standard))
            #expect(why.workers.map(\.isAble) == [false])
            #expect(why.causes.map(\.code).contains(.noSlot))
            #expect(try await bench.runs.want(.active, of: worker)?.state == .active)
            _ = try await bench.claim(tasks[0], by: worker)
            #expect(try await bench.runs.want(.draining, of: worker)?.state == .draining)
            #expect(try await bench.workers.see([sighting]) == [worker: .drain])
            #expect(try await bench.runs.want(.paused, of: WorkerID()) == nil)
        }
    }

    @Test func `the ledger tells where the time of each attempt went, and what was wasted`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 1)
            let worker = try await bench.register("gpu-1")
            _ = try await bench.claim(tasks[0], by: worker)
            _ = try await bench.report(
                tasks[0], attempt: 1, by: worker, .failed(TaskFailure(.temporary, code: "c", detail: "d")))
            _ = try await bench.claim(tasks[0], attempt: 1, by: worker)
            _ = try await bench.report(tasks[0], attempt: 2, by: worker)
            let attempts = try #require(try await bench.runs.attempts(of: tasks[0], tenant: .standard))
            #expect(attempts.map(\.outcome) == ["failed", "succeeded"])
            #expect(attempts.map(\.workerName) == ["gpu-1", "gpu-1"])
            #expect(attempts[0].seconds.wasted > 0)
            #expect(attempts[1].seconds.wasted == 0)
            let spent = try #require(try await bench.runs.spent(by: run, tenant: .standard))
            #expect(spent.total.attempts == 2)
            #expect(spent.total.compute == 1)
            #expect(abs(spent.total.wasted - attempts[0].seconds.wasted) < 1e-6)
        }
    }
}
