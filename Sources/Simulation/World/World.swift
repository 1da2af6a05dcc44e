import StudioCore

/// All programs and everything between them, in one thread on a clock of its own: the same seed gives the same history.
struct World {
    static let lease = 12_000
    static let beatPause = lease / 3
    static let hintLife = 30_000
    static let window = 24
    static let lanes = 2
    /// What a worker may spend on one attempt.
    static let attemptLimit = 40_000

    let seed: UInt64
    let sabotage: Sabotage?
    let weather: Weather
    var now: Instant = 0
    var dice: Dice
    var agenda = Agenda()
    var steps = 0

    var store: ModelStore
    var natures: [TaskNature] = []
    var submissions: [Submission] = []
    /// When the database answers again.
    var databaseAwayUntil: Instant = 0

    /// Hints that wait in the broker, by lane, and reports that wait there.
    var hints: [[AttemptName]]
    var reports: [SentReport] = []
    var serials = 0
    /// What the objects hold, by their keys.
    var objects: [ObjectKey: UInt64] = [:]

    var workers: [SimulatedWorker] = []
    var hub = SimulatedHub()
    var dispatcher = SimulatedDispatcher()
    var reaperWaitsUntil: Instant = 0

    var referee = Referee()
    var sightings = Sightings()
    /// What has happened, in words; `nil` when nobody reads it.
    var trace: [String]?

    init(seed: UInt64, sabotage: Sabotage?, isTraced: Bool) {
        self.seed = seed
        self.sabotage = sabotage
        trace = isTraced ? [] : nil
        dice = Dice(seed: seed)
        weather = Weather(&dice)
        store = ModelStore(sabotage: sabotage)
        hints = Array(repeating: [], count: Self.lanes)
        for _ in 0..<dice.integer(2...4) {
            workers.append(
                SimulatedWorker(
                    lanes: [0, 1], clockRate: 0.9 + dice.unit() * 0.3,
                    slots: Array(repeating: Slot(), count: dice.integer(1...4)), identity: store.register(at: 0)))
        }
        for worker in workers.indices { add(.beat(worker: worker, life: 0), in: dice.below(Self.beatPause)) }
        for number in 0..<dice.integer(3...9) {
            submissions.append(Submission(&dice))
            add(.submit(number), in: dice.below(weather.healsAt / 2))
        }
        add(.wish, in: dice.below(2_000))
        add(.disaster, in: dice.below(weather.disasterPause))
        add(.pickHints(life: 0), in: 1)
        add(.reap, in: 1)
        add(.reconcile, in: 1)
        add(.tidyUp, in: weather.healsAt)
    }

    // MARK: - Chance and time

    mutating func add(_ event: Event, in pause: Int) {
        agenda.add(event, at: now + pause, lot: dice.next())
    }

    /// Whether a fault strikes at this step.
    mutating func strikes(_ fault: Fault) -> Bool {
        now < weather.healsAt && dice.once(in: weather.odds(of: fault))
    }

    /// How long a message takes.
    mutating func latency() -> Int {
        strikes(.requestLate) ? dice.integer(500...8_000) : dice.integer(1...20)
    }

    /// What becomes of a transaction.
    enum Fate {
        case applied
        /// Applied, but whoever asked does not learn of it.
        case unknown
        case failed
    }

    mutating func commitFate() -> Fate {
        if now < databaseAwayUntil { return .failed }
        if strikes(.commitFails) {
            sightings.note(.failedCommits)
            return .failed
        }
        if strikes(.commitUnknown) {
            sightings.note(.unknownCommits)
            return .unknown
        }
        return .applied
    }

    mutating func tell(_ line: @autoclosure () -> String) {
        guard trace != nil else { return }
        trace?.append("\(now)  \(line())")
    }

    // MARK: - Steps

    /// Lets everything happen until all is quiet, or the referee stops it.
    mutating func run() {
        while referee.violation == nil, let (time, event) = agenda.next() {
            now = time
            steps += 1
            guard !isOver(event) else { break }
            perform(event)
        }
        if referee.violation == nil { referee.judgeEnd(self) }
        sightings.note(.tasks, times: store.tasks.count)
        sightings.note(.runs, times: store.runs.count)
        sightings.note(.steps, times: steps)
    }

    private mutating func isOver(_ event: Event) -> Bool {
        guard case .tidyUp = event else { return false }
        let hasEnded = submissions.allSatisfy(\.isAnswered) && store.runs.allSatisfy(\.state.isTerminal)
        if hasEnded, reports.isEmpty, hub.batch.isEmpty, workers.allSatisfy({ $0.isIdle && $0.leftovers.isEmpty }) {
            return true
        }
        if now > weather.healsAt + quietWithin {
            let open = store.tasks.indices.first { !store.tasks[$0].state.isTerminal }
            let what = open.map { "task \($0) is still \(store.tasks[$0].state)" } ?? "a run or a report is left"
            referee.object(.liveness, "\(quietWithin / 1_000) s after the last fault \(what)", at: now)
            return true
        }
        return false
    }

    /// How long it may take to be quiet after the last fault: a minute, what there is to compute, and the leases of the
    /// workers that a poisonous task still kills.
    private var quietWithin: Int {
        var longest: [Int] = []
        for (task, nature) in zip(store.tasks, natures) {
            let deaths = nature.temper == .poisonous ? store.policy.deathsMax : 0
            let takes = nature.milliseconds + deaths * (nature.milliseconds + Self.lease + 2_000)
            longest.append(takes + (task.needs.map { longest[$0] }.max() ?? 0))
        }
        let inAll = natures.reduce(0) { $0 + $1.milliseconds }
        let hanging = natures.contains { $0.temper == .hanging } ? Self.attemptLimit : 0
        return 60_000 + (longest.max() ?? 0) + inAll / workers.reduce(0) { $0 + $1.slots.count } + hanging
    }

    private mutating func perform(_ event: Event) {
        switch event {
        case .submit(let number): submit(number)
        case .wish: wish()
        case .tidyUp: tidyUp()
        case .disaster: disaster()

        case .pickHints(let life): pickHints(life)
        case .publishHints(let life): publishHints(life)
        case .forgetHints(let life): forgetHints(life)
        case .dispatcherStarts(let life): dispatcherStarts(life)
        case .reap: reap()
        case .endLeases(let tasks): endLeases(tasks)
        case .reconcile: reconcile()

        case .claimArrives(let seat, let call, let worker, let hint): claimArrives(seat, call, worker, hint)
        case .askArrives(let seat, let call, let worker, let name): askArrives(seat, call, worker, name)
        case .beatArrives(let beat): beatArrives(beat)
        case .tellCanceled: tellCanceled()
        case .takeReports(let life): takeReports(life)
        case .commitReports(let life): commitReports(life)
        case .acknowledgeReports(let life): acknowledgeReports(life)
        case .hubStarts(let life): hubStarts(life)

        case .deliver(let lane): deliver(lane)
        case .workerStarts(let worker, let life): workerStarts(worker, life)
        case .claim(let seat), .claimAnswer(let seat, _, _), .claimTimesOut(let seat, _), .computed(let seat),
            .askToUpload(let seat), .uploadAnswer(let seat, _, _), .uploadTimesOut(let seat, _), .put(let seat, _),
            .publishReport(let seat), .leaseTimer(let seat), .limitTimer(let seat), .stopped(let seat):
            guard workers[seat.worker].slots[seat.slot].job == seat.job else { return }
            guard !isFrozen(seat.worker, event) else { return }
            performWork(seat, event)
        case .publishLeftovers(let worker, let life), .beat(let worker, let life), .handBackAll(let worker, let life),
            .beatAnswer(let worker, let life, _, _), .cancelArrives(let worker, let life, _):
            guard workers[worker].life == life, workers[worker].isUp, !isFrozen(worker, event) else { return }
            performSideline(worker, event)
        }
    }

    /// A frozen worker does what it would have done when it thaws, in any order.
    private mutating func isFrozen(_ worker: Int, _ event: Event) -> Bool {
        let thaw = workers[worker].frozenUntil
        guard now < thaw else { return false }
        agenda.add(event, at: thaw + dice.below(50), lot: dice.next())
        return true
    }

    private mutating func performWork(_ seat: Seat, _ event: Event) {
        switch event {
        case .claim: claim(seat)
        case .claimAnswer(_, let call, let answer): claimAnswer(seat, call, answer)
        case .claimTimesOut(_, let call): claimTimesOut(seat, call)
        case .computed: computed(seat)
        case .askToUpload: askToUpload(seat)
        case .uploadAnswer(_, let call, let isGranted): uploadAnswer(seat, call, isGranted)
        case .uploadTimesOut(_, let call): uploadTimesOut(seat, call)
        case .put(_, let place): put(seat, place)
        case .publishReport: publishReport(seat)
        case .leaseTimer: leaseTimer(seat)
        case .limitTimer: stop(seat.worker, seat.slot, .timeLimit)
        case .stopped: stopped(seat)
        default: preconditionFailure("not an event of a slot")
        }
    }

    private mutating func performSideline(_ worker: Int, _ event: Event) {
        switch event {
        case .beat(_, let life): beat(worker, life)
        case .beatAnswer(_, _, let number, let outcomes): beatAnswer(worker, number, outcomes)
        case .cancelArrives(_, _, let name): stop(worker, [name], .canceled)
        case .publishLeftovers(_, let life): publishLeftovers(worker, life)
        case .handBackAll: handBackAll(worker)
        default: preconditionFailure("not an event of a worker")
        }
    }
}
