import StudioCore

/// The hub: what it has taken from the broker and not acknowledged.
struct SimulatedHub {
    var life = 0
    var isUp = true
    var batch: [SentReport] = []
    /// When the broker can be reached again: calls are answered meanwhile.
    var hearsNothingUntil: Instant = 0
}

/// Where an output is kept.
struct ObjectKey: Hashable {
    let task: Int
    let attempt: Int
    let place: Int
}

// Every call is one transaction, which may fail, or be applied without anybody learning of it.
extension World {
    /// Sends something to the hub, unless it is lost.
    mutating func send(_ event: Event, from worker: Int) {
        guard now >= workers[worker].cutOffUntil, !strikes(.requestLost) else { return }
        add(event, in: latency())
    }

    /// Sends something to a worker, unless it is lost.
    private mutating func answer(_ event: Event, to worker: Int) {
        guard now >= workers[worker].deafUntil, !strikes(.answerLost) else { return }
        add(event, in: latency())
    }

    mutating func claimArrives(_ seat: Seat, _ call: Int, _ worker: Int, _ hint: AttemptName) {
        guard hub.isUp else { return }
        let fate = commitFate()
        guard fate != .failed else { return }
        let outcome = store.claim(hint, by: worker, lease: Self.lease, at: now)
        tell("claim of \(hint.task) after attempt \(hint.attempt) by \(worker): \(outcome), \(fate)")
        noteClaim(outcome, hint, worker)
        look(.claim(hint, worker))
        guard fate == .applied else { return }
        answer(.claimAnswer(seat, call: call, outcome), to: seat.worker)
    }

    private mutating func noteClaim(_ outcome: ModelClaim, _ hint: AttemptName, _ worker: Int) {
        switch outcome {
        case .held, .stale: sightings.note(.duplicateClaims)
        case .granted(let attempt, again: true):
            sightings.note(.repeatedGrants)
            referee.judgeRenewal(of: AttemptName(task: hint.task, attempt: attempt), by: worker, at: now)
        case .granted(let attempt, again: false):
            sightings.note(.attempts)
            if attempt > 1, case .expired = store.tasks[hint.task].attempts[attempt - 2].outcome {
                sightings.note(.takeovers)
            }
            referee.judgeGrant(AttemptName(task: hint.task, attempt: attempt), to: worker, workers, at: now)
        }
    }

    mutating func askArrives(_ seat: Seat, _ call: Int, _ worker: Int, _ name: AttemptName) {
        guard hub.isUp, commitFate() != .failed else { return }
        let isGranted = store.mayUpload(name, by: worker)
        if isGranted {
            referee.judgeWrite(of: name, by: worker, "upload", at: now)
        } else {
            sightings.note(.staleUploads)
        }
        answer(.uploadAnswer(seat, call: call, isGranted: isGranted), to: seat.worker)
    }

    /// A process that has died meanwhile may still be heard of.
    mutating func beatArrives(_ beat: SentBeat) {
        guard hub.isUp, commitFate() != .failed else { return }
        let identity = beat.identity
        store.see(identity, at: now)
        let fate = commitFate()
        guard fate != .failed else { return }
        let outcomes = beat.names.map { name in
            let outcome = store.renew(name, by: identity, lease: Self.lease, at: now)
            if outcome == .lost {
                sightings.note(.staleRenewals)
            } else {
                referee.judgeRenewal(of: name, by: identity, at: now)
            }
            return (name, outcome)
        }
        guard fate == .applied else { return }
        answer(.beatAnswer(worker: beat.worker, life: beat.life, number: beat.number, outcomes), to: beat.worker)
    }

    mutating func tellCanceled() {
        guard hub.isUp, commitFate() != .failed else { return }
        for worker in workers.indices where workers[worker].isUp {
            for name in store.cancelations(of: workers[worker].identity) {
                answer(.cancelArrives(worker: worker, life: workers[worker].life, name), to: worker)
            }
        }
    }

    // MARK: - Reports

    /// The broker takes a report.
    mutating func enqueue(_ report: SentReport) {
        reports.append(report)
        add(.takeReports(life: hub.life), in: latency())
    }

    mutating func takeReports(_ life: Int) {
        guard hub.isUp, life == hub.life, hub.batch.isEmpty, !reports.isEmpty else { return }
        guard now >= hub.hearsNothingUntil else {
            return add(.takeReports(life: life), in: hub.hearsNothingUntil - now)
        }
        for _ in 0..<min(reports.count, dice.integer(1...6)) {
            let place = dice.once(in: 3) ? dice.below(reports.count) : 0
            let report = strikes(.reportRepeated) ? reports[place] : reports.remove(at: place)
            hub.batch.append(report)
        }
        add(.commitReports(life: life), in: dice.integer(2...50))
    }

    mutating func commitReports(_ life: Int) {
        guard hub.isUp, life == hub.life, !hub.batch.isEmpty else { return }
        if strikes(.hubDies) { return hubDies() }
        let fate = commitFate()
        guard fate != .failed || sabotage == .unknownCommitTakenForDone else {
            return add(.commitReports(life: life), in: dice.integer(100...1_000))
        }
        if fate != .failed { applyBatch(fate) }
        // An outcome that is not known is asked for again: to apply a report twice is harmless.
        add(fate == .unknown ? .commitReports(life: life) : .acknowledgeReports(life: life), in: dice.integer(1...50))
    }

    private mutating func applyBatch(_ fate: Fate) {
        let batch = hub.batch.map { checked($0.report) }
        let wasCanceling = batch.map { store.tasks[$0.name.task].state == .canceling }
        let applied = store.apply(batch, jitter: dice.unit(), at: now)
        for (index, report) in batch.enumerated() {
            referee.noteSettled(hub.batch[index].serial)
            tell("report of \(report.name) by \(report.worker): \(applied[index] ? "applied" : "stale"), \(fate)")
            guard applied[index] else {
                sightings.note(.staleReports)
                continue
            }
            if wasCanceling[index], case .completed = report.result { sightings.note(.cancelRaces) }
            if case .handedBack = report.result { sightings.note(.handBacks) }
            referee.judgeWrite(of: report.name, by: report.worker, "report", at: now)
        }
        look(.report)
    }

    /// Looks whether the objects are there.
    private func checked(_ report: ModelReport) -> ModelReport {
        guard case .completed(let files, _) = report.result else { return report }
        let isThere = files.indices.allSatisfy { objects[key(report.name, $0)] != nil }
        guard !isThere else { return report }
        return ModelReport(name: report.name, worker: report.worker, result: .failed(.artifactMissing))
    }

    mutating func acknowledgeReports(_ life: Int) {
        guard hub.isUp, life == hub.life else { return }
        if strikes(.hubDies) { return hubDies() }
        hub.batch = []
        add(.takeReports(life: life), in: 1)
    }

    mutating func hubDies() {
        guard hub.isUp else { return }
        sightings.note(.hubDeaths)
        tell("the hub dies")
        if sabotage != .acknowledgesBeforeCommit { reports = hub.batch + reports }
        hub = SimulatedHub(life: hub.life + 1, isUp: false)
        add(.hubStarts(life: hub.life), in: dice.integer(100...15_000))
    }

    mutating func hubStarts(_ life: Int) {
        guard life == hub.life else { return }
        hub.isUp = true
        add(.takeReports(life: life), in: 1)
    }

    // MARK: - Objects

    func key(_ name: AttemptName, _ place: Int) -> ObjectKey {
        ObjectKey(task: name.task, attempt: sabotage == .keysWithoutAttempt ? 0 : name.attempt, place: place)
    }

    /// Lets the referee see what a transaction has moved.
    mutating func look(_ cause: Referee.Cause) {
        guard !store.moves.isEmpty || !store.runMoves.isEmpty else { return }
        referee.judge(&store, cause, &sightings, at: now)
    }
}

extension TaskFailure {
    fileprivate static let artifactMissing = TaskFailure(
        .temporary, code: "artifact_missing", detail: "reported but not there")
}
