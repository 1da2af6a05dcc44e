import Simulation
import Testing

/// The whole system under every fault, on a clock of its own; and proof that its referee sees what is wrong.
@Suite(.serialized) struct SimulationTests {
    @Test(.timeLimit(.minutes(SimulationBench.minutes)))
    func `no promise is broken, whatever fails and whenever`() async {
        if let seed = SimulationBench.onlySeed {
            let world = Simulation(seed: seed, sabotage: SimulationBench.onlySabotage, isTraced: true)
            SimulationBench.show(world.trace)
            #expect(world.violation == nil, "\(SimulationBench.report(world))")
            return
        }
        let start = ContinuousClock.now
        var sum = SimulationBench.Sum()
        for seeds in SimulationBench.seeds { sum.add(await SimulationBench.run(seeds)) }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        for world in sum.broken.prefix(3) { Issue.record("\(SimulationBench.report(world))") }
        #expect(sum.broken.isEmpty, "\(sum.broken.count) of \(sum.seeds) seeds")

        #expect(sum.seeds > SimulationBench.seedsMin)
        #expect(sum.sightings[.tasks] >= 1_000_000)
        for sight in Sight.allCases { #expect(sum.sightings[sight] > 0, "no \(sight): it proves nothing of them") }
        SimulationBench.show(
            [
                "\(sum.seeds) seeds in \(seconds) s, quiet \(Double(sum.longestQuiet) / 1_000) s after the last fault"
                    + " or sooner"
            ] + Sight.allCases.map { "  \(sum.sightings[$0]) \($0)" })
    }

    @Test func `the same seed tells the same story, and another seed another one`() {
        let stories = [7, 7, 8].map { Simulation(seed: $0, isTraced: true).trace }
        #expect(!stories[0].isEmpty)
        #expect(stories[0] == stories[1])
        #expect(stories[0] != stories[2])
    }

    @Test(.enabled(if: SimulationBench.onlySeed == nil), .timeLimit(.minutes(5)))
    func `every sabotage is found out`() async {
        let found = await SimulationBench.firstFindings(of: Sabotage.allCases, within: SimulationBench.seedsMin)
        for sabotage in Sabotage.allCases {
            #expect(found[sabotage] != nil, "\(sabotage) goes unnoticed in \(SimulationBench.seedsMin) seeds")
        }
        SimulationBench.show(
            ["\(found.count) of \(Sabotage.allCases.count) sabotages are found out"]
                + Sabotage.allCases.map { sabotage in
                    guard let world = found[sabotage], let violation = world.violation else {
                        return "  \(sabotage): missed"
                    }
                    return "  \(sabotage): seed \(world.seed), \(violation.invariant.rawValue)"
                })
    }

    @Test func `a seed that failed is named with its history, and fails again in the same way`() async throws {
        let found = await SimulationBench.firstFindings(of: [.forgetsDependent], within: 100)
        let world = try #require(found[.forgetsDependent])
        let again = Simulation(seed: world.seed, sabotage: .forgetsDependent, isTraced: true)
        #expect(again.violation == world.violation)
        let report = SimulationBench.report(world)
        #expect(report.contains("SIMULATION_SEED=\(world.seed) SIMULATION_SABOTAGE=forgetsDependent"))
        #expect(report.contains(try #require(again.trace.last)))
        #expect(Simulation(seed: world.seed).violation == nil, "it is the sabotage that breaks it")
    }
}
