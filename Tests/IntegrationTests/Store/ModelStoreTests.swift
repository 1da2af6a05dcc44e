import Postgres
import Simulation
import StudioCore
import Testing

/// Proof that the simulation speaks of this store: its model and Postgres do the same.
@Suite(.timeLimit(.minutes(5))) struct ModelStoreTests {
    private static let stepsMax = 250

    @Test func `the model of the simulation does what the statements do`() async throws {
        var seen: Set<TaskState> = []
        for seed in 1...6 as ClosedRange<UInt64> {
            try await StoreBench.with { store in
                var bench = try await ModelBench(store, seed: seed)
                for number in 1...Self.stepsMax {
                    do {
                        try await bench.step()
                    } catch let difference as ModelBench.Difference {
                        Issue.record("seed \(seed), step \(number): \(difference)")
                        return
                    }
                    seen.formUnion(bench.model.tasks.map(\.state))
                }
            }
        }
        #expect(seen == Set(TaskState.allCases), "otherwise it proves little")
    }

    @Test(arguments: [
        Sabotage.claimIgnoresAttempt, .reportIgnoresState, .creditsTwice, .forgetsDependent, .reopeningKeepsArtifacts,
        .hintsNeverExpire,
    ])
    func `a model that is wrong is found out`(sabotage: Sabotage) async throws {
        try await StoreBench.with { store in
            // What is wrong only of a run that has ended and is taken up again with its artifacts comes up seldom.
            for seed in 1...30 as ClosedRange<UInt64> {
                var bench = try await ModelBench(store, seed: seed, sabotage: sabotage)
                for _ in 1...Self.stepsMax {
                    do { try await bench.step() } catch is ModelBench.Difference { return }
                }
                try await store.client.execute("DELETE FROM runs")
            }
            Issue.record("nothing notices it")
        }
    }
}
