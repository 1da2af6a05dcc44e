// Hints reach workers, and workers claim what they name.
extension World {
    private static let callPatience = 2_000
    private static let claimPatience = 20_000

    /// Has the broker deliver what waits in a lane.
    mutating func offer(_ lane: Int) {
        if !hints[lane].isEmpty { add(.deliver(lane: lane), in: dice.integer(1...10)) }
    }

    mutating func deliver(_ lane: Int) {
        guard !hints[lane].isEmpty else { return }
        var free: [(worker: Int, slot: Int)] = []
        for worker in workers.indices where workers[worker].isUp && !workers[worker].isDraining {
            guard workers[worker].lanes.contains(lane),
                let slot = workers[worker].slots.firstIndex(where: { $0.stage == .free })
            else { continue }
            free.append((worker, slot))
        }
        guard let (worker, slot) = dice.pick(free) else { return }
        defer { offer(lane) }
        let place = dice.once(in: 2) ? dice.below(hints[lane].count) : 0
        if strikes(.hintLost) {
            hints[lane].remove(at: place)
            sightings.note(.lostHints)
            return
        }
        let isRepeated = strikes(.hintRepeated)
        if isRepeated { sightings.note(.repeatedHints) }
        let hint = isRepeated ? hints[lane][place] : hints[lane].remove(at: place)
        workers[worker].slots[slot].stage = .claiming
        workers[worker].slots[slot].hint = hint
        workers[worker].slots[slot].isHintGone = false
        workers[worker].slots[slot].patientUntil = now + Self.claimPatience
        workers[worker].slots[slot].rounds = 0
        workers[worker].slots[slot].stop = nil
        add(.claim(Seat(worker: worker, slot: slot, job: workers[worker].slots[slot].job)), in: dice.integer(1...5))
    }

    mutating func claim(_ seat: Seat) {
        guard !workers[seat.worker].isDraining else { return free(seat, isDone: false) }
        let call = nextCall(seat)
        let slot = workers[seat.worker].slots[seat.slot]
        workers[seat.worker].slots[seat.slot].askedAt = now
        send(
            .claimArrives(seat, call: call, worker: workers[seat.worker].identity, hint: slot.hint), from: seat.worker)
        add(.claimTimesOut(seat, call: call), in: Self.callPatience)
    }

    mutating func claimTimesOut(_ seat: Seat, _ call: Int) {
        let slot = workers[seat.worker].slots[seat.slot]
        guard slot.stage == .claiming, slot.call == call else { return }
        guard now < slot.patientUntil else { return free(seat, isDone: false) }
        add(.claim(seat), in: dice.integer(200...1_000))
    }

    mutating func claimAnswer(_ seat: Seat, _ call: Int, _ answer: ModelClaim) {
        let slot = workers[seat.worker].slots[seat.slot]
        guard slot.stage == .claiming, slot.call == call else { return }
        guard case .granted(let attempt, _) = answer else { return free(seat, isDone: true) }
        let name = AttemptName(task: slot.hint.task, attempt: attempt)
        guard !knows(name, seat.worker) else { return free(seat, isDone: true) }
        begin(name, seat)
    }

    /// Whether a worker runs this very attempt already, or has run it.
    private func knows(_ name: AttemptName, _ worker: Int) -> Bool {
        workers[worker].slots.contains { $0.isNamed && $0.name == name }
            || workers[worker].ended.contains(name) && sabotage != .attemptsRunTwice
    }

    func nextSeat(_ worker: Int, _ slot: Int) -> Seat {
        Seat(worker: worker, slot: slot, job: workers[worker].slots[slot].job)
    }

    mutating func nextCall(_ seat: Seat) -> Int {
        workers[seat.worker].slots[seat.slot].call += 1
        return workers[seat.worker].slots[seat.slot].call
    }

    /// Ends a slot's job; its hint is acknowledged, or goes back to the lane.
    mutating func free(_ seat: Seat, isDone: Bool) {
        let slot = workers[seat.worker].slots[seat.slot]
        if slot.isNamed { workers[seat.worker].ended.insert(slot.name) }
        if !slot.isHintGone {
            let isLost = isDone && strikes(.acknowledgementLost)
            if isLost { sightings.note(.repeatedHints) }
            if !isDone || isLost { hints[store.tasks[slot.hint.task].lane].append(slot.hint) }
        }
        workers[seat.worker].slots[seat.slot].stage = .free
        workers[seat.worker].slots[seat.slot].job += 1
        workers[seat.worker].slots[seat.slot].report = nil
        for lane in workers[seat.worker].lanes { offer(lane) }
        if workers[seat.worker].isDraining, workers[seat.worker].isIdle { restart(seat.worker) }
    }
}
