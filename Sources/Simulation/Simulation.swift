import StudioCore

/// One history of the whole system under faults, the same for the same seed.
package struct Simulation: Sendable {
    package let seed: UInt64
    package let sabotage: Sabotage?
    package let violation: Violation?
    package let sightings: Sightings
    /// How long it took after the last fault until all was quiet, in milliseconds.
    package let quietAfter: Int
    /// What happened, in words, when that was asked for.
    package let trace: [String]

    /// Lets a world of this seed live until all is quiet or a promise is broken.
    ///
    /// - Parameters:
    ///   - sabotage: what is broken on purpose.
    ///   - isTraced: whether to write down what happens, which takes time.
    package init(seed: UInt64, sabotage: Sabotage? = nil, isTraced: Bool = false) {
        var world = World(seed: seed, sabotage: sabotage, isTraced: isTraced)
        world.run()
        world.noteEnds()
        self.seed = seed
        self.sabotage = sabotage
        violation = world.referee.violation
        sightings = world.sightings
        quietAfter = world.now - world.weather.healsAt
        trace = world.trace ?? []
    }
}

extension World {
    fileprivate mutating func noteEnds() {
        for task in store.tasks {
            switch task.state {
            case .succeeded: sightings.note(.succeededTasks)
            case .failed: sightings.note(.failedTasks)
            case .canceled: sightings.note(.canceledTasks)
            case .skipped: sightings.note(.skippedTasks)
            default: break
            }
        }
    }
}
