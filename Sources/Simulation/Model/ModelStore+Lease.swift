import StudioCore

/// What became of a claim.
package enum ModelClaim: Sendable, Hashable {
    /// `again` when the worker had it already.
    case granted(attempt: Int, again: Bool)
    case held
    case stale
}

/// What became of a lease.
package enum ModelLeaseOutcome: Sendable, Hashable {
    case renewed, canceled, lost
}

extension ModelStore {
    /// Grants a task to one worker at most; `hint` names the attempt before.
    package mutating func claim(_ hint: AttemptName, by worker: Int, lease: Int, at now: Instant) -> ModelClaim {
        let task = hint.task
        let isFree =
            switch tasks[task].state {
            case .queued, .retrying: true
            default: sabotage == .claimIgnoresState
            }
        if isFree, tasks[task].attempt == hint.attempt || sabotage == .claimIgnoresAttempt {
            lock(tasks[task].run)
            tasks[task].attempt += 1
            tasks[task].lease = ModelTask.Lease(owner: worker, expires: now + lease)
            tasks[task].hintExpires = nil
            tasks[task].attempts.append(ModelTask.Attempt(worker: worker))
            enter(.running, task)
            flush(tasks[task].run)
            return .granted(attempt: tasks[task].attempt, again: false)
        }
        guard let held = tasks[task].lease, held.expires > now else { return .stale }
        if tasks[task].state == .running, tasks[task].attempt == hint.attempt + 1, held.owner == worker,
            !tasks[task].hasProgress
        {
            tasks[task].lease?.expires = now + lease
            return .granted(attempt: tasks[task].attempt, again: true)
        }
        return .held
    }

    /// Renews a lease for as long as `lease` from now.
    package mutating func renew(
        _ name: AttemptName, by worker: Int, lease: Int, at now: Instant
    ) -> ModelLeaseOutcome {
        let task = name.task
        guard tasks[task].state == .running || tasks[task].state == .canceling,
            tasks[task].attempt == name.attempt && tasks[task].lease?.owner == worker
                || sabotage == .renewalIgnoresAttempt
        else { return .lost }
        tasks[task].lease?.expires = now + lease
        tasks[task].hasProgress = true
        return tasks[task].state == .canceling ? .canceled : .renewed
    }

    /// Whether the attempt may upload its files.
    package func mayUpload(_ name: AttemptName, by worker: Int) -> Bool {
        tasks[name.task].state == .running
            && (tasks[name.task].attempt == name.attempt && tasks[name.task].lease?.owner == worker
                || sabotage == .uploadIgnoresAttempt)
    }

    /// The attempts that a worker must stop.
    package func cancelations(of worker: Int) -> [AttemptName] {
        tasks.indices.filter { tasks[$0].state == .canceling && tasks[$0].lease?.owner == worker }
            .map { AttemptName(task: $0, attempt: tasks[$0].attempt) }
    }

    /// The tasks whose lease has run out: candidates for ``expireLeases(_:jitter:at:)``.
    package func expiredLeases(at now: Instant) -> [Int] {
        tasks.indices.filter { (tasks[$0].lease?.expires ?? now) < now }
    }

    /// Ends those of these leases that have run out; answers their tasks.
    package mutating func expireLeases(_ candidates: [Int], jitter: Double, at now: Instant) -> [Int] {
        var changes: [(task: Int, decision: TaskLease.Decision, ownerLives: Bool)] = []
        for task in candidates {
            guard let held = tasks[task].lease, held.expires < now || sabotage == .reaperIgnoresRenewals,
                let lease = lease(of: task)
            else { continue }
            lock(tasks[task].run)
            guard let decision = decide(lease, after: .expired, jitter: jitter) else { continue }
            changes.append((task, decision, lease.ownerLives))
        }
        for change in changes { write(change.decision, to: change.task, at: now) }
        settleDependents(of: changes.map(\.task), at: now)
        for change in changes {
            close(change.task, as: change.ownerLives ? .interrupted : .expired)
            flush(tasks[change.task].run)
        }
        return changes.map(\.task)
    }

    /// The task as the core sees it, or `nil` when no lease is on it.
    func lease(of task: Int) -> TaskLease? {
        let row = tasks[task]
        guard let held = row.lease else { return nil }
        var dead: [Int] = []
        for attempt in row.attempts.dropFirst(row.attemptsBase) where attempt.outcome == .expired {
            if attempt.worker != held.owner, !dead.contains(attempt.worker) { dead.append(attempt.worker) }
        }
        return TaskLease(
            state: row.state, attempt: row.attempt, attemptsMax: row.attemptsMax, attemptsBase: row.attemptsBase,
            deaths: sabotage == .deathsNotCounted ? 0 : dead.count, ownerLives: lastSeen[held.owner] > held.expires)
    }

    /// Closes the books of a task's last attempt.
    mutating func close(_ task: Int, as outcome: ModelTask.Outcome) {
        guard sabotage != .attemptNotClosed || outcome != .failed else { return }
        tasks[task].attempts[tasks[task].attempt - 1].outcome = outcome
    }
}
