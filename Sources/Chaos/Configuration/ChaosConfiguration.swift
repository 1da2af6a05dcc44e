import StudioCore
package import SystemPackage

/// How much chaos to make.
package struct ChaosConfiguration: Sendable {
    /// The shortest run that can prove anything, in seconds.
    package static let secondsMin = 30
    /// See ``pause``.
    package static let pauseDefault = 6.0
    package static let pauseRange = 0.2...600

    /// How long load and faults last, in seconds; healing and checking come on top.
    package var seconds: Int
    /// Which faults come when follows from it.
    package var seed: UInt64
    /// Where services, programs and the history live; made when missing.
    package var directory: FilePath
    /// Which faults may come.
    package var kinds: [FaultKind]
    /// From one fault to the next, in seconds, on average.
    package var pause = pauseDefault
    /// Runs of tasks that only sleep, submitted each second.
    package var runsPerSecond = 3.0
    /// Films submitted each second.
    package var filmsPerSecond = 0.12
    /// How long a worker may be silent; nil leaves the programs' own default.
    package var leaseSeconds: Int?

    package init(
        seconds: Int, seed: UInt64, directory: FilePath, kinds: [FaultKind] = FaultKind.allCases,
        pause: Double = pauseDefault
    ) {
        self.seconds = seconds
        self.seed = seed
        self.directory = directory
        self.kinds = kinds
        self.pause = pause
    }

    /// So many workers die with a task before it is called poison: more than the default of 2, because here they die by
    /// chance.
    var deathsMax: Int { isHail ? 100 : 3 }
    /// Faults come as fast as they can be made.
    var isHail: Bool { pause < Self.pauseDefault / 2 }
    /// Long enough, and with everything that can go wrong, for each dangerous case to have come about.
    var isLong: Bool { seconds >= 600 && kinds.count == FaultKind.allCases.count }
    /// A dead worker's task is taken over within this, in seconds.
    static let takeOverLimit = 20.0
    /// Some run that is left ends within this after the last one that did, in seconds, besides the longest task.
    static let quiescenceLimit = 60.0

    var lease: Double { Double(leaseSeconds ?? TaskLease.secondsDefault) }
    /// Load without faults, before them and after them, in seconds.
    var calm: Double { min(30, max(8, Double(seconds) / 10)) }
    /// The time in which faults may be.
    var faultSeconds: Double { Double(seconds) - 2 * calm }

    var schedule: FaultSchedule {
        FaultSchedule(seed: seed, seconds: faultSeconds, kinds: kinds, pause: pause, lease: lease)
    }

    /// What to type to see the same again.
    var command: String {
        var words = ["studio dev chaos --seconds \(seconds) --seed \(seed)"]
        if kinds != FaultKind.allCases { words.append("--only \(kinds.map(\.rawValue).joined(separator: ","))") }
        if pause != Self.pauseDefault { words.append("--pause \(pause)") }
        return words.joined(separator: " ")
    }
}
