import Simulation

/// A fault that is to be injected.
package struct PlannedFault: Codable, Sendable, Hashable {
    /// From 1.
    package let number: Int
    package let kind: FaultKind
    /// Seconds after the first fault could have been.
    package let at: Double
    package let seconds: Double
    /// Which of the workers, links or points it strikes: a number to pick with.
    package let choice: UInt64
}

/// Which faults come when: the same for the same arguments.
package struct FaultSchedule: Sendable, Hashable {
    /// Faults at the same time at most; more would leave nothing to prove.
    static let concurrencyMax = 3
    /// One in so many deaths of a worker has its time to itself: what a take-over takes is seen where nothing else is
    /// in the way.
    static let killsPerCalmKill = 3
    package let faults: [PlannedFault]

    /// Draws faults for a time.
    ///
    /// Every kind comes once, in an order by chance, before any comes again; then the weights decide. Among other
    /// faults, each ``killsPerCalmKill``-th death of a worker comes when the others are over, and the next one after
    /// the take-over.
    ///
    /// - Parameters:
    ///   - kinds: what may be drawn.
    ///   - pause: from one fault to the next, in seconds, on average.
    ///   - lease: what a worker may be silent for, in seconds.
    package init(
        seed: UInt64, seconds: Double, kinds: [FaultKind] = FaultKind.allCases,
        pause: Double = ChaosConfiguration.pauseDefault, lease: Double
    ) {
        var dice = Dice(seed: seed)
        var deck = kinds.shuffled(using: &dice)
        var faults: [PlannedFault] = []
        var at = 0.0
        var kills = 0
        while at < seconds, !kinds.isEmpty {
            let active = faults.filter { $0.at + $0.seconds > at }
            let taken = active.reduce(into: Set<FaultResource>()) { $0.formUnion($1.kind.resources) }
            let index = deck.firstIndex { kind in
                kind.resources.isDisjoint(with: taken) && at + kind.seconds(lease: lease).upperBound <= seconds
            }
            if let index, active.count < Self.concurrencyMax {
                let kind = deck.remove(at: index)
                if kind == .killWorker { kills += 1 }
                let calm = (active.map { $0.at + $0.seconds }.max() ?? at) + TakeOverTimes.aftermath
                let isCalm =
                    kind == .killWorker && kinds.count > 1 && kills.isMultiple(of: Self.killsPerCalmKill)
                    && calm + ChaosConfiguration.takeOverLimit <= seconds
                if isCalm { at = calm }
                faults.append(
                    PlannedFault(
                        number: faults.count + 1, kind: kind, at: at, seconds: dice.seconds(kind.seconds(lease: lease)),
                        choice: dice.next()))
                at += isCalm ? ChaosConfiguration.takeOverLimit : dice.seconds(pause / 2...pause * 3 / 2)
            } else if index == nil, active.isEmpty, deck.count > 0 {
                // What is left is too long for the rest of the time.
                deck = []
            } else {
                at += min(1, pause / 2)
            }
            if deck.isEmpty {
                guard kinds.contains(where: { at + $0.seconds(lease: lease).upperBound <= seconds }) else { break }
                deck = kinds.flatMap { Array(repeating: $0, count: $0.weight) }.shuffled(using: &dice)
            }
        }
        self.faults = faults
    }
}
