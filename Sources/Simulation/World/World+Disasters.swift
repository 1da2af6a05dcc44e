// What befalls whole programs, and how they come back.
extension World {
    private enum Disaster: CaseIterable {
        case crash, freeze, shutdown, cutOff, deafness, hubDeath, dispatcherDeath, databaseAway, purgedHints
        case purgedReports, channelLoss, brokerAway
    }

    mutating func disaster() {
        guard now < weather.healsAt else { return heal() }
        add(.disaster, in: min(dice.below(2 * weather.disasterPause) + 1, weather.healsAt - now))
        let worker = dice.below(workers.count)
        guard let disaster = dice.pick(Disaster.allCases) else { return }
        tell("\(disaster), worker \(worker)")
        switch disaster {
        case .crash: die(worker)
        case .freeze:
            sightings.note(.freezes)
            workers[worker].frozenUntil = now + dice.integer(500...2 * Self.lease)
        case .shutdown: shutDown(worker)
        case .cutOff: workers[worker].cutOffUntil = now + dice.integer(1_000...2 * Self.lease)
        case .deafness: workers[worker].deafUntil = now + dice.integer(1_000...2 * Self.lease)
        case .channelLoss:
            sightings.note(.channelLosses)
            takeHintsBack(worker)
        case .hubDeath: hubDies()
        case .dispatcherDeath: dispatcherDies()
        case .brokerAway: hub.hearsNothingUntil = now + dice.integer(1_000...15_000)
        case .databaseAway: databaseAwayUntil = now + dice.integer(100...15_000)
        case .purgedHints:
            let lane = dice.below(Self.lanes)
            sightings.note(.lostHints, times: hints[lane].count)
            hints[lane] = []
        case .purgedReports:
            // Rare: a quorum queue loses nothing by itself.
            guard dice.once(in: 4) else { return }
            sightings.note(.lostReports, times: reports.count)
            for sent in reports { referee.noteSettled(sent.serial) }
            reports = []
        }
    }

    private mutating func heal() {
        let now = now
        for worker in workers.indices {
            workers[worker].frozenUntil = now
            workers[worker].cutOffUntil = now
            workers[worker].deafUntil = now
        }
        databaseAwayUntil = now
        hub.hearsNothingUntil = now
    }

    mutating func die(_ worker: Int) {
        guard workers[worker].isUp else { return }
        sightings.note(.workerDeaths)
        let identity = workers[worker].identity
        tell("worker \(worker), \(identity), dies")
        end(worker)
    }

    /// Ends the process: what it held unacknowledged goes back, what is on its disk stays.
    private mutating func end(_ worker: Int) {
        takeHintsBack(worker)
        for slot in workers[worker].slots.indices {
            workers[worker].slots[slot].stage = .free
            workers[worker].slots[slot].job += 1
            workers[worker].slots[slot].report = nil
        }
        workers[worker].leftovers += workers[worker].spool
        workers[worker].spool = []
        workers[worker].reported = []
        workers[worker].ended = []
        workers[worker].beat = nil
        workers[worker].isUp = false
        workers[worker].isDraining = false
        workers[worker].life += 1
        workers[worker].frozenUntil = now
        add(.workerStarts(worker: worker, life: workers[worker].life), in: dice.integer(200...5_000))
    }

    /// The broker gives what a worker has not acknowledged to somebody else, or to the same worker once more.
    private mutating func takeHintsBack(_ worker: Int) {
        for slot in workers[worker].slots.indices {
            let row = workers[worker].slots[slot]
            guard row.stage != .free, !row.isHintGone else { continue }
            workers[worker].slots[slot].isHintGone = true
            hints[store.tasks[row.hint.task].lane].append(row.hint)
        }
        for lane in workers[worker].lanes { offer(lane) }
    }

    mutating func workerStarts(_ worker: Int, _ life: Int) {
        guard workers[worker].life == life else { return }
        workers[worker].isUp = true
        workers[worker].identity = store.register(at: now)
        add(.beat(worker: worker, life: life), in: 1)
        add(.publishLeftovers(worker: worker, life: life), in: dice.integer(1...100))
        for lane in workers[worker].lanes { offer(lane) }
    }

    /// A worker is told to end: it takes nothing new, and hands back what is not done in time.
    private mutating func shutDown(_ worker: Int) {
        guard workers[worker].isUp, !workers[worker].isDraining else { return }
        sightings.note(.shutdowns)
        workers[worker].isDraining = true
        if workers[worker].isIdle { return restart(worker) }
        add(.handBackAll(worker: worker, life: workers[worker].life), in: dice.integer(500...3_000))
    }

    mutating func handBackAll(_ worker: Int) {
        for slot in workers[worker].slots.indices { stop(worker, slot, .handBack) }
    }

    mutating func restart(_ worker: Int) {
        tell("worker \(worker) has shut down")
        end(worker)
    }

    mutating func publishLeftovers(_ worker: Int, _ life: Int) {
        guard let sent = workers[worker].leftovers.first else { return }
        add(.publishLeftovers(worker: worker, life: life), in: dice.integer(10...500))
        if strikes(.publishLost) { return }
        sightings.note(.leftoversSent)
        enqueue(sent)
        if strikes(.confirmLost) { return }
        referee.noteConfirmed(sent.serial)
        workers[worker].leftovers.removeFirst()
    }
}
