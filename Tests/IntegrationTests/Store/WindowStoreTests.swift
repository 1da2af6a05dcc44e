import Postgres
import StudioCore
import StudioStore
import Testing

/// How long one tenant's work can hold up another's.
@Suite struct WindowStoreTests {
    private static let lane = Lane(kind: .audio, priority: .batch)

    /// A run of tasks that take some time.
    private static func submit(_ count: Int, tenant: TenantID, _ bench: StoreBench) async throws {
        let planned = (0..<count).map { number in
            PlannedTask(
                key: "t\(number)", shot: nil,
                spec: .effect(EffectSpec(prompt: "gull", samples: 1, seed: 1, sampleRate: 48_000)), dependencies: [],
                attemptsMax: 3)
        }
        let plan = RunPlan(
            title: "test", profile: DeliveryProfile(width: 64, height: 64, frameRate: FrameRate(24)), priority: .batch,
            frames: 0, shots: [], entities: [], tasks: planned)
        guard case .created = try await bench.runs.createRun(NewRun(tenant: tenant, specification: "{}", plan: plan))
        else { throw StoreBench.BenchError.notCreated }
    }

    /// Eight tasks long with one slot, four with two or more: however much the other tenant has submitted before.
    @Test(arguments: [(slots: 1, rounds: 8), (slots: 2, rounds: 4), (slots: 5, rounds: 4)])
    func `a tenant's first task waits for no more than a window of another's`(
        slots: Int, rounds: Int
    ) async throws {
        try await StoreBench.with { bench in
            let first = TenantID(), second = TenantID()
            try await bench.client.execute(
                "INSERT INTO tenants (id, name) VALUES (\(first.uuid), 'first'), (\(second.uuid), 'second')")
            let worker = WorkerID()
            try await bench.workers.register(
                WorkerHello(id: worker, name: "w", kinds: [.audio], slots: slots, version: "1", labels: [:]))
            try await Self.submit(60, tenant: first, bench)
            // The broker's queue, out of which the worker takes one after the other.
            var queue = try await bench.tasks.pickHints(in: [Self.lane], window: .standard)
            try await Self.submit(1, tenant: second, bench)
            var begun = 0
            while true {
                let hint = queue.removeFirst()
                _ = try await bench.claim(hint.task, by: worker)
                queue += try await bench.tasks.pickHints(in: [Self.lane], window: .standard)
                if try await bench.tenants(of: [hint])[second] == 1 { break }
                begun += 1
            }
            #expect(begun > 0, "it came second")
            #expect((begun + slots - 1) / slots <= rounds, "\(begun) tasks were begun before")
        }
    }

    @Test func `tasks that take no time have a wide window, as they are done before the dispatcher looks again`()
        async throws
    {
        try await StoreBench.with { bench in
            try await bench.submitted(tasks: 300)
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).count == 256)
            var wide = DispatchWindow.standard
            wide.hintsMin = 280
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: wide).count == 24)
        }
    }
}
