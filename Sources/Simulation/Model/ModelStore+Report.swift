package import StudioCore

/// What a worker says of an attempt that ended.
package struct ModelReport: Sendable {
    package enum Result: Sendable {
        /// The files it made; what they hold follows from `digest`.
        case completed(files: [String], digest: UInt64)
        case failed(TaskFailure)
        case handedBack
        case canceled
    }

    package let name: AttemptName
    package let worker: Int
    package let result: Result

    package init(name: AttemptName, worker: Int, result: Result) {
        self.name = name
        self.worker = worker
        self.result = result
    }

    /// What the file at `place` among the outputs holds.
    package static func digest(_ digest: UInt64, at place: Int) -> UInt64 { digest &+ UInt64(place) }
}

extension ModelStore {
    /// Applies reports in one transaction; answers which of them were not stale.
    package mutating func apply(_ reports: [ModelReport], jitter: Double, at now: Instant) -> [Bool] {
        var applied = [Bool](repeating: false, count: reports.count)
        var decisions: [(index: Int, decision: TaskLease.Decision)] = []
        for (index, report) in reports.enumerated() {
            let task = report.name.task
            guard !decisions.contains(where: { reports[$0.index].name.task == task }),
                counts(report), let lease = leaseForReport(task)
            else { continue }
            lock(tasks[task].run)
            guard let decision = decide(lease, after: report.end(of: tasks[task]), jitter: jitter) else { continue }
            decisions.append((index, decision))
            applied[index] = true
        }
        for (index, decision) in decisions { write(decision, to: reports[index].name.task, at: now) }
        settleDependents(of: decisions.map { reports[$0.index].name.task }, at: now)
        for (index, decision) in decisions {
            let task = reports[index].name.task
            if decision.state == .succeeded { show(reports[index]) }
            close(task, as: reports[index].outcome(after: decision))
            flush(tasks[task].run)
        }
        return applied
    }

    private func counts(_ report: ModelReport) -> Bool {
        let task = tasks[report.name.task]
        if sabotage == .reportIgnoresAttempt { return task.lease != nil }
        if sabotage == .reportIgnoresState { return task.attempt == report.name.attempt }
        return task.attempt == report.name.attempt && task.lease?.owner == report.worker
    }

    private func leaseForReport(_ task: Int) -> TaskLease? {
        guard sabotage == .reportIgnoresState, tasks[task].lease == nil else { return lease(of: task) }
        return TaskLease(
            state: .running, attempt: tasks[task].attempt, attemptsMax: tasks[task].attemptsMax,
            attemptsBase: tasks[task].attemptsBase, deaths: 0, ownerLives: true)
    }

    private mutating func show(_ report: ModelReport) {
        guard case .completed(let files, let digest) = report.result else { return }
        let outputs = tasks[report.name.task].outputs
        for file in files {
            let place = outputs.firstIndex(of: file) ?? 0
            tasks[report.name.task].artifacts.append(
                ModelTask.Artifact(
                    name: file, attempt: report.name.attempt, digest: ModelReport.digest(digest, at: place)))
        }
    }
}

// What follows from a decision.
extension ModelStore {
    func decide(_ lease: TaskLease, after end: TaskLease.End, jitter: Double) -> TaskLease.Decision? {
        var lease = lease
        if sabotage == .retriesWithoutBound {
            lease = TaskLease(
                state: lease.state, attempt: 1, attemptsMax: 3, attemptsBase: 0, deaths: lease.deaths,
                ownerLives: lease.ownerLives)
        }
        if sabotage == .cancelIgnoredByCompletion, case .completed = end {
            lease = TaskLease(
                state: .running, attempt: lease.attempt, attemptsMax: lease.attemptsMax,
                attemptsBase: lease.attemptsBase, deaths: lease.deaths, ownerLives: lease.ownerLives)
        }
        return lease.decision(after: end, policy: policy, jitter: jitter)
    }

    mutating func write(_ decision: TaskLease.Decision, to task: Int, at now: Instant) {
        let mayBegin = decision.state == .queued || decision.state == .retrying
        let isPaused = mayBegin && lockedState(tasks[task].run) == .paused
        tasks[task].runAt = now + Int(decision.delaySeconds * 1000)
        tasks[task].attemptsMax += decision.credit * (sabotage == .creditsTwice ? 2 : 1)
        if sabotage == .retriesWithoutBound, decision.state == .retrying { tasks[task].attemptsMax += 1 }
        if sabotage != .leaseNotCleared || decision.state != .failed { tasks[task].lease = nil }
        tasks[task].hintExpires = nil
        tasks[task].hasProgress = false
        if !decision.state.isTerminal && !decision.keepsPlace { tasks[task].queuedAt = now }
        enter(isPaused ? .paused : decision.state, task, because: decision.failure)
    }

    /// Releases what waited for these tasks, or skips it.
    mutating func settleDependents(of tasks: [Int], at now: Instant) {
        for task in tasks where self.tasks[task].state == .succeeded { releaseDependents(of: task, at: now) }
        for task in tasks where self.tasks[task].state.isTerminal && self.tasks[task].state != .succeeded {
            skipDependents(of: task)
        }
    }

    private mutating func releaseDependents(of task: Int, at now: Instant) {
        var dependents = tasks[task].neededBy
        if sabotage == .forgetsDependent, dependents.count > 1 { dependents.removeLast() }
        for dependent in dependents where tasks[dependent].state == .blocked {
            tasks[dependent].waitingOn -= sabotage == .releasesTooEarly ? tasks[dependent].waitingOn : 1
            tasks[dependent].runAt = now
            guard tasks[dependent].waitingOn == 0 else { continue }
            tasks[dependent].queuedAt = now
            enter(lockedState(tasks[dependent].run) == .paused ? .paused : .queued, dependent)
        }
    }

    /// Skips everything that waits, at any distance, for this task.
    mutating func skipDependents(of task: Int) {
        var doomed = tasks[task].neededBy
        var seen = Set(doomed)
        while let next = doomed.popLast() {
            if tasks[next].state == .blocked { enter(.skipped, next) }
            guard sabotage != .skipsDirectDependentsOnly else { continue }
            for dependent in tasks[next].neededBy where seen.insert(dependent).inserted { doomed.append(dependent) }
        }
    }
}

extension ModelReport {
    fileprivate func end(of task: ModelTask) -> TaskLease.End {
        switch result {
        case .completed(let files, _): .completed(files: files, outputs: task.outputs)
        case .failed(let failure): .failed(failure)
        case .handedBack: .handedBack
        case .canceled: .canceled
        }
    }

    fileprivate func outcome(after decision: TaskLease.Decision) -> ModelTask.Outcome {
        switch (result, decision.state) {
        case (_, .succeeded): .succeeded
        case (_, .canceled): .canceled
        case (.handedBack, _) where decision.failure == nil: .handedBack
        default: .failed
        }
    }
}
