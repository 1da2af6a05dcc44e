/// Why an attempt is asked to stop.
enum StopReason {
    case canceled, leaseLost, leaseExpired, timeLimit, handBack
}

/// A report on its way, with a number by which the referee knows it.
struct SentReport {
    let serial: Int
    let report: ModelReport
}

/// What one slot of a worker is about.
struct Slot {
    enum Stage { case free, claiming, computing, uploading, reporting }

    var stage = Stage.free
    var job = 0
    var call = 0
    var hint = AttemptName(task: 0, attempt: 0)
    /// Whether the broker has taken the hint back: the channel that brought it is gone.
    var isHintGone = false
    var name = AttemptName(task: 0, attempt: 0)
    var askedAt: Instant = 0
    var patientUntil: Instant = 0
    /// When it gives the attempt up unless the lease is renewed before.
    var giveUpAt: Instant = 0
    var stop: StopReason?
    var rounds = 0
    /// What the files that it makes hold.
    var digest: UInt64 = 0
    var report: SentReport?

    /// Whether work is done under a lease.
    var isWorking: Bool { stage == .computing || stage == .uploading }
    /// Whether heartbeats name it.
    var isNamed: Bool { isWorking || stage == .reporting }
}

/// A worker: what its process knows, and what is on its disk.
struct SimulatedWorker {
    struct Beat {
        let number: Int
        let sentAt: Instant
    }

    let lanes: [Int]
    /// How fast its clock runs.
    let clockRate: Double
    var slots: [Slot]
    /// Its number in the store: another one with each life.
    var identity: Int
    var life = 0
    var isUp = true
    var isDraining = false
    var frozenUntil: Instant = 0
    /// Until then nothing that it says reaches the hub.
    var cutOffUntil: Instant = 0
    /// Until then nothing that the hub says reaches it.
    var deafUntil: Instant = 0
    var beat: Beat?
    var beats = 0
    /// Attempts that have been reported, and when.
    var reported: [(name: AttemptName, at: Instant)] = []
    /// Attempts of this life that have ended.
    var ended: Set<AttemptName> = []
    /// On its disk: reports of this life that the broker has not confirmed, and those of earlier ones.
    var spool: [SentReport] = []
    var leftovers: [SentReport] = []

    var isIdle: Bool { slots.allSatisfy { $0.stage == .free } }
}
