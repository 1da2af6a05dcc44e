import StudioCore

/// The dispatcher: what it picked and has not published yet, and what it could not publish.
struct SimulatedDispatcher {
    var life = 0
    var picked: [AttemptName] = []
    var unsent: [AttemptName] = []
}

// The dispatcher, the reaper and the reconciler.
extension World {
    private static let idlePause = 200

    mutating func pickHints(_ life: Int) {
        guard life == dispatcher.life else { return }
        let fate = commitFate()
        guard fate != .failed else { return add(.pickHints(life: life), in: dice.integer(100...2_000)) }
        var picked: [AttemptName] = []
        for lane in 0..<Self.lanes {
            picked += store.pickHints(lane: lane, window: Self.window, hintLife: Self.hintLife, at: now)
        }
        look(.dispatch)
        guard !picked.isEmpty else { return add(.pickHints(life: life), in: Self.idlePause) }
        guard fate == .applied else {
            sightings.note(.lostHints, times: picked.count)
            return add(.pickHints(life: life), in: dice.integer(100...2_000))
        }
        dispatcher.picked = picked
        add(.publishHints(life: life), in: dice.integer(1...5))
    }

    mutating func publishHints(_ life: Int) {
        guard life == dispatcher.life else { return }
        while let hint = dispatcher.picked.popLast() {
            if strikes(.dispatcherDies) { return dispatcherDies() }
            if strikes(.publishLost) {
                dispatcher.unsent.append(hint)
                continue
            }
            hints[store.tasks[hint.task].lane].append(hint)
            if strikes(.confirmLost) {
                sightings.note(.repeatedHints)
                dispatcher.unsent.append(hint)
            }
        }
        for lane in 0..<Self.lanes { offer(lane) }
        add(dispatcher.unsent.isEmpty ? .pickHints(life: life) : .forgetHints(life: life), in: dice.integer(1...5))
    }

    mutating func forgetHints(_ life: Int) {
        guard life == dispatcher.life else { return }
        if strikes(.dispatcherDies) { return dispatcherDies() }
        if commitFate() != .failed { store.forget(dispatcher.unsent) }
        dispatcher.unsent = []
        add(.pickHints(life: life), in: Self.idlePause)
    }

    mutating func dispatcherDies() {
        sightings.note(.dispatcherDeaths)
        sightings.note(.lostHints, times: dispatcher.picked.count)
        dispatcher = SimulatedDispatcher(life: dispatcher.life + 1)
        for lane in 0..<Self.lanes { offer(lane) }
        add(.dispatcherStarts(life: dispatcher.life), in: dice.integer(100...5_000))
    }

    mutating func dispatcherStarts(_ life: Int) {
        guard life == dispatcher.life else { return }
        add(.pickHints(life: life), in: 1)
    }

    mutating func reap() {
        add(.reap, in: 1_000)
        guard commitFate() == .applied else {
            reaperWaitsUntil = now + 8_000
            return
        }
        let overdue = store.cancelOverdue(at: now)
        sightings.note(.deadlines, times: overdue.count)
        for run in overdue { tell("run \(run) is overdue") }
        look(.deadline)
        if let newest = store.lastSeen.max(), now - newest > 6_000 { reaperWaitsUntil = now + 8_000 }
        let isQuiet = now < reaperWaitsUntil
        let expired = store.expiredLeases(at: now).filter { !isQuiet || store.tasks[$0].state == .canceling }
        guard !expired.isEmpty else { return }
        add(.endLeases(expired), in: strikes(.requestLate) ? dice.integer(100...3_000) : dice.integer(1...10))
    }

    mutating func endLeases(_ tasks: [Int]) {
        guard commitFate() != .failed else {
            reaperWaitsUntil = now + 8_000
            return
        }
        let ended = store.expireLeases(tasks, jitter: dice.unit(), at: now)
        sightings.note(.expiredLeases, times: ended.count)
        sightings.note(.renewedInTime, times: tasks.count - ended.count)
        for (task, state) in ended.map({ ($0, store.tasks[$0].state) }) {
            tell("lease of task \(task) has run out: \(state)")
        }
        look(.expiry)
    }

    mutating func reconcile() {
        add(.reconcile, in: 5_000)
        for lane in 0..<Self.lanes {
            guard commitFate() != .failed else { continue }
            let lost = store.reconcile(
                lane: lane, queueDepth: hints[lane].count, olderThan: 10_000, hintLife: Self.hintLife, at: now)
            sightings.note(.hintsSentAgain, times: lost)
        }
    }
}
