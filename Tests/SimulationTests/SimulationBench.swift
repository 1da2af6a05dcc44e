import Foundation
import Simulation

/// Lets many worlds live, on all cores.
///
/// `SIMULATION_SEED=123` lets that one live alone and prints what happens in it, `SIMULATION_SABOTAGE=delayIgnored`
/// with something broken on purpose; `SIMULATION_SEEDS=100000` lets so many of them live.
enum SimulationBench {
    /// The least that counts as a test.
    static let seedsMin: UInt64 = 10_000

    static let onlySeed: UInt64? = number("SIMULATION_SEED")
    static let onlySabotage: Sabotage? = ProcessInfo.processInfo.environment["SIMULATION_SABOTAGE"]
        .flatMap(Sabotage.init)

    /// After so many minutes something hangs; two free cores need half a minute for the least.
    static let minutes = 5 * Int(max(1, (number("SIMULATION_SEEDS") ?? seedsMin) / seedsMin))

    /// Seeds that are always the same, and some that nobody has seen before.
    static let seeds: [ClosedRange<UInt64>] = {
        let fresh = UInt64.random(in: 1 << 32...1 << 48)
        return [1...(number("SIMULATION_SEEDS") ?? seedsMin), fresh...fresh + seedsMin / 10]
    }()

    private static func number(_ variable: String) -> UInt64? {
        ProcessInfo.processInfo.environment[variable].flatMap { UInt64($0) }
    }

    /// What came of many seeds.
    struct Sum: Sendable {
        var seeds = 0
        var sightings = Sightings()
        var longestQuiet = 0
        /// The first few.
        var broken: [Simulation] = []

        mutating func add(_ simulation: Simulation) {
            seeds += 1
            sightings.add(simulation.sightings)
            longestQuiet = max(longestQuiet, simulation.quietAfter)
            if simulation.violation != nil { broken.append(simulation) }
        }

        mutating func add(_ other: Sum) {
            seeds += other.seeds
            sightings.add(other.sightings)
            longestQuiet = max(longestQuiet, other.longestQuiet)
            broken += other.broken
        }
    }

    static func run(_ seeds: ClosedRange<UInt64>) async -> Sum {
        let cores = UInt64(ProcessInfo.processInfo.activeProcessorCount)
        return await withTaskGroup(of: Sum.self) { group in
            for core in 0..<cores {
                group.addTask {
                    var sum = Sum()
                    for seed in stride(from: seeds.lowerBound + core, through: seeds.upperBound, by: Int(cores)) {
                        sum.add(Simulation(seed: seed))
                    }
                    return sum
                }
            }
            return await group.reduce(into: Sum()) { $0.add($1) }
        }
    }

    /// The first world in which each sabotage is found out, of so many.
    static func firstFindings(of sabotages: [Sabotage], within seeds: UInt64) async -> [Sabotage: Simulation] {
        await withTaskGroup(of: (Sabotage, Simulation?).self) { group in
            for sabotage in sabotages {
                group.addTask {
                    let worlds = (1...seeds).lazy.map { Simulation(seed: $0, sabotage: sabotage) }
                    return (sabotage, worlds.first { $0.violation != nil })
                }
            }
            return await group.reduce(into: [:]) { found, finding in found[finding.0] = finding.1 }
        }
    }

    /// What is to be known of a world in which a promise was broken.
    static func report(_ simulation: Simulation) -> String {
        guard let violation = simulation.violation else { return "seed \(simulation.seed): nothing is wrong" }
        let again = Simulation(seed: simulation.seed, sabotage: simulation.sabotage, isTraced: true)
        let sabotage = simulation.sabotage.map { " SIMULATION_SABOTAGE=\($0)" } ?? ""
        return """
            seed \(simulation.seed), at \(violation.at) ms: \(violation.invariant.rawValue)
            \(violation.detail)
            The last that happened (all of it: SIMULATION_SEED=\(simulation.seed)\(sabotage)):
            \(again.trace.suffix(40).joined(separator: "\n"))
            """
    }

    static func show(_ lines: [String]) {
        for line in lines { print(line) }
    }
}
