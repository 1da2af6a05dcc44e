import StudioCore

// What a worker does with a task that it was granted.
extension World {
    /// The part of a lease that a worker believes in, by its own clock.
    private var leaseShare: Double { sabotage == .workerOutlivesLease ? 1.6 : 0.8 }

    private func giveUpAt(_ worker: Int, from asked: Instant) -> Instant {
        asked + Int(Double(Self.lease) * leaseShare / workers[worker].clockRate)
    }

    mutating func begin(_ name: AttemptName, _ seat: Seat) {
        let nature = natures[name.task]
        let asked = workers[seat.worker].slots[seat.slot].askedAt
        workers[seat.worker].slots[seat.slot].stage = .computing
        workers[seat.worker].slots[seat.slot].name = name
        workers[seat.worker].slots[seat.slot].giveUpAt = giveUpAt(seat.worker, from: asked)
        workers[seat.worker].slots[seat.slot].digest =
            nature.isDeterministic ? UInt64(name.task) << 8 : dice.next() & ~0xFF
        if strikes(.workerDies) { return die(seat.worker) }
        add(.leaseTimer(seat), in: max(0, workers[seat.worker].slots[seat.slot].giveUpAt - now))
        add(.limitTimer(seat), in: Self.attemptLimit)
        if nature.temper == .hanging, now < weather.healsAt { return }
        add(.computed(seat), in: nature.milliseconds)
    }

    mutating func computed(_ seat: Seat) {
        let slot = workers[seat.worker].slots[seat.slot]
        guard slot.stage == .computing else { return }
        switch natures[slot.name.task].temper {
        case .poisonous:
            referee.noteKill(slot.name.task, at: now)
            return die(seat.worker)
        case .hopeless: return conclude(seat, .failed(.badPrompt))
        case .flaky where strikes(.taskFails): return conclude(seat, .failed(dice.once(in: 3) ? .slowDown : .hiccup))
        case .flaky, .good, .hanging: break
        }
        if strikes(.workerDies) { return die(seat.worker) }
        guard !store.tasks[slot.name.task].outputs.isEmpty else { return conclude(seat, .made) }
        workers[seat.worker].slots[seat.slot].stage = .uploading
        askToUpload(seat)
    }

    mutating func askToUpload(_ seat: Seat) {
        guard workers[seat.worker].slots[seat.slot].stage == .uploading else { return }
        let call = nextCall(seat)
        send(
            .askArrives(
                seat, call: call, worker: workers[seat.worker].identity,
                name: workers[seat.worker].slots[seat.slot].name), from: seat.worker)
        add(.uploadTimesOut(seat, call: call), in: 2_000)
    }

    mutating func uploadTimesOut(_ seat: Seat, _ call: Int) {
        let slot = workers[seat.worker].slots[seat.slot]
        guard slot.stage == .uploading, slot.call == call else { return }
        workers[seat.worker].slots[seat.slot].rounds += 1
        guard slot.rounds < 2 else { return conclude(seat, .failed(.hubAway)) }
        add(.askToUpload(seat), in: dice.integer(500...2_000))
    }

    mutating func uploadAnswer(_ seat: Seat, _ call: Int, _ isGranted: Bool) {
        let slot = workers[seat.worker].slots[seat.slot]
        guard slot.stage == .uploading, slot.call == call else { return }
        // The call is answered: its time-out finds another one.
        _ = nextCall(seat)
        guard isGranted else { return conclude(seat, .fenced) }
        add(.put(seat, place: 0), in: transferTime())
    }

    mutating func put(_ seat: Seat, _ place: Int) {
        let slot = workers[seat.worker].slots[seat.slot]
        guard slot.stage == .uploading else { return }
        let key = key(slot.name, place)
        if objects[key] != nil {
            sightings.note(.uploadsAlreadyThere)
        } else {
            objects[key] = ModelReport.digest(slot.digest, at: place)
        }
        if strikes(.workerDies) { return die(seat.worker) }
        if strikes(.answerLost) { return add(.put(seat, place: place), in: dice.integer(100...1_000)) }
        guard place + 1 < store.tasks[slot.name.task].outputs.count else { return conclude(seat, .made) }
        add(.put(seat, place: place + 1), in: transferTime())
    }

    private mutating func transferTime() -> Int {
        dice.once(in: 20) ? dice.integer(1_000...8_000) : dice.integer(5...300)
    }

    // MARK: - Ends

    /// How the work itself ended.
    enum WorkEnd {
        case made
        case failed(TaskFailure)
        /// The hub says that the attempt counts no more.
        case fenced
        case stopped
    }

    mutating func conclude(_ seat: Seat, _ end: WorkEnd) {
        let slot = workers[seat.worker].slots[seat.slot]
        guard let result = result(of: slot, end) else { return free(seat, isDone: true) }
        serials += 1
        let sent = SentReport(
            serial: serials,
            report: ModelReport(name: slot.name, worker: workers[seat.worker].identity, result: result))
        workers[seat.worker].slots[seat.slot].stage = .reporting
        workers[seat.worker].slots[seat.slot].report = sent
        if !strikes(.diskFull) { workers[seat.worker].spool.append(sent) }
        if strikes(.workerDies) { return die(seat.worker) }
        publishReport(seat)
    }

    /// What the hub is told; `nil` when nothing.
    private func result(of slot: Slot, _ end: WorkEnd) -> ModelReport.Result? {
        switch (slot.stop, end) {
        case (.leaseLost, _), (.leaseExpired, _): nil
        case (.canceled, _): .canceled
        case (_, .made): .completed(files: store.tasks[slot.name.task].outputs, digest: slot.digest)
        case (.handBack, _): .handedBack
        case (.timeLimit, _): .failed(.timeLimit)
        case (nil, .failed(let failure)): .failed(failure)
        case (nil, .fenced), (nil, .stopped): nil
        }
    }

    mutating func publishReport(_ seat: Seat) {
        guard let sent = workers[seat.worker].slots[seat.slot].report else { return }
        if strikes(.publishLost) { return add(.publishReport(seat), in: dice.integer(50...2_000)) }
        enqueue(sent)
        if strikes(.workerDies) { return die(seat.worker) }
        if strikes(.confirmLost) {
            sightings.note(.repeatedReports)
            return add(.publishReport(seat), in: dice.integer(50...2_000))
        }
        referee.noteConfirmed(sent.serial)
        workers[seat.worker].spool.removeAll { $0.serial == sent.serial }
        workers[seat.worker].reported.append((sent.report.name, now))
        if strikes(.workerDies) { return die(seat.worker) }
        free(seat, isDone: true)
    }

    mutating func leaseTimer(_ seat: Seat) {
        let slot = workers[seat.worker].slots[seat.slot]
        guard slot.isWorking else { return }
        if now < slot.giveUpAt { return add(.leaseTimer(seat), in: slot.giveUpAt - now) }
        sightings.note(.leasesGivenUp)
        stop(seat.worker, seat.slot, .leaseExpired)
    }

    /// Asks the work in a slot to stop; the first reason stays.
    mutating func stop(_ worker: Int, _ slot: Int, _ reason: StopReason) {
        guard workers[worker].slots[slot].isWorking, workers[worker].slots[slot].stop == nil else { return }
        workers[worker].slots[slot].stop = reason
        // Some work does not stop when it is asked to.
        add(.stopped(nextSeat(worker, slot)), in: dice.once(in: 20) ? 10_000 : dice.below(300))
    }

    mutating func stop(_ worker: Int, _ names: [AttemptName], _ reason: StopReason) {
        for slot in workers[worker].slots.indices where names.contains(workers[worker].slots[slot].name) {
            stop(worker, slot, reason)
        }
    }

    mutating func stopped(_ seat: Seat) {
        if workers[seat.worker].slots[seat.slot].isWorking { conclude(seat, .stopped) }
    }

    // MARK: - Heartbeats

    /// For how long a reported attempt is named at most.
    private static let reportedLife = 60_000

    mutating func beat(_ worker: Int, _ life: Int) {
        add(.beat(worker: worker, life: life), in: Int(Double(Self.beatPause) / workers[worker].clockRate))
        if let beat = workers[worker].beat {
            if now - beat.sentAt > 2 * Self.beatPause { workers[worker].beat = nil }
            return
        }
        workers[worker].reported.removeAll { now - $0.at > Self.reportedLife }
        var names = workers[worker].slots.filter(\.isNamed).map(\.name)
        for reported in workers[worker].reported where !names.contains(reported.name) { names.append(reported.name) }
        workers[worker].beats += 1
        workers[worker].beat = SimulatedWorker.Beat(number: workers[worker].beats, sentAt: now)
        send(
            .beatArrives(
                SentBeat(
                    worker: worker, life: life, identity: workers[worker].identity, number: workers[worker].beats,
                    names: names)), from: worker)
    }

    mutating func beatAnswer(_ worker: Int, _ number: Int, _ outcomes: [(AttemptName, ModelLeaseOutcome)]) {
        guard let beat = workers[worker].beat, beat.number == number else { return }
        workers[worker].beat = nil
        for (name, outcome) in outcomes {
            if outcome == .lost {
                workers[worker].reported.removeAll { $0.name == name }
                stop(worker, [name], .leaseLost)
                continue
            }
            for slot in workers[worker].slots.indices where workers[worker].slots[slot].name == name {
                workers[worker].slots[slot].giveUpAt = giveUpAt(worker, from: beat.sentAt)
            }
            if outcome == .canceled { stop(worker, [name], .canceled) }
        }
    }
}

extension TaskFailure {
    fileprivate static let badPrompt = TaskFailure(.userError, code: "bad_prompt", detail: "cannot be made")
    fileprivate static let slowDown = TaskFailure(
        .rateLimit, code: "rate_limited", detail: "too many", retryAfterSeconds: 5)
    fileprivate static let hiccup = TaskFailure(.temporary, code: "hiccup", detail: "may pass")
    fileprivate static let hubAway = TaskFailure(.temporary, code: "hub_away", detail: "the hub does not answer")
    fileprivate static let timeLimit = TaskFailure(.temporary, code: "time_limit", detail: "took too long")
}
