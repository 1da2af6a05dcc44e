package import StudioCore

/// How a user's wish was answered.
package enum ModelAnswer: Sendable, Hashable {
    case done
    case refused
}

extension ModelStore {
    /// Does what a user asks of a run.
    package mutating func control(_ action: RunAction, run: Int, at now: Instant) -> ModelAnswer {
        lock(run)
        defer { flush(run) }
        let state = runs[run].state
        switch (action, state) {
        case (.cancel, .canceling), (.cancel, .canceled), (.pause, .paused), (.resume, .queued), (.resume, .running):
            return .done
        case (.cancel, .queued), (.cancel, .running), (.cancel, .paused):
            end(run, because: .canceledByUser, at: now)
        case (.pause, .queued), (.pause, .running):
            _ = runs[run].tally?.pause()
            sweep(.pause, Array(runs[run].tasks), at: now)
        case (.resume, .paused):
            _ = runs[run].tally?.resume()
            sweep(.resume, Array(runs[run].tasks), at: now)
        case (.retry(.failed), _) where state != .canceling:
            let ended = runs[run].tasks.filter { tasks[$0].state != .succeeded && tasks[$0].state.isTerminal }
            guard !ended.isEmpty else { return .refused }
            reopen(ended, of: run, at: now)
            release(run, at: now)
        case (.retry(.all), _) where state.isTerminal:
            reopen(Array(runs[run].tasks), of: run, at: now)
            release(run, at: now)
        default: return .refused
        }
        runs[run].isTouched = true
        return .done
    }

    /// Does what a user asks of one task.
    package mutating func control(_ action: TaskAction, task: Int, at now: Instant) -> ModelAnswer {
        let run = tasks[task].run
        lock(run)
        defer { flush(run) }
        let state = tasks[task].state
        switch (action, state) {
        case (.cancel, .canceled), (.cancel, .canceling), (.pause, .paused), (.resume, .queued), (.retry, .queued):
            return .done
        case (.cancel, _):
            guard !sweep(.cancel, [task], because: .canceledByUser, at: now).isEmpty else { return .refused }
            if tasks[task].state.isTerminal { skipDependents(of: task) }
        case (.pause, _): return sweep(.pause, [task], at: now).isEmpty ? .refused : .done
        case (.resume, _): return sweep(.resume, [task], at: now).isEmpty ? .refused : .done
        case (.retry, .retrying): tasks[task].runAt = now
        case (.retry, .failed), (.retry, .canceled):
            let lost: [TaskState] = [.failed, .canceled, .skipped]
            guard runs[run].state != .canceling, !tasks[task].needs.contains(where: { lost.contains(tasks[$0].state) })
            else { return .refused }
            reopen([task] + skippedDependents(of: task), of: run, at: now)
            for other in runs[run].tasks where lost.contains(tasks[other].state) { skipDependents(of: other) }
            release(run, at: now)
        case (.retry, _): return .refused
        }
        return .done
    }

    /// Gives up the runs whose deadline has passed; answers them.
    package mutating func cancelOverdue(at now: Instant) -> [Int] {
        runs.indices.filter { run in
            guard let deadline = runs[run].deadline, deadline < now, !runs[run].state.isTerminal,
                runs[run].state != .canceling
            else { return false }
            lock(run)
            end(run, because: .deadlineExceeded, at: now)
            flush(run)
            return true
        }
    }

    private mutating func end(_ run: Int, because failure: TaskFailure, at now: Instant) {
        _ = runs[run].tally?.cancel(because: failure)
        runs[run].isTouched = true
        sweep(.cancel, Array(runs[run].tasks), because: failure, at: now)
    }

    /// Applies an event to every task whose state it changes; answers those.
    @discardableResult
    private mutating func sweep(
        _ event: TaskEvent, _ candidates: [Int], because failure: TaskFailure? = nil, at now: Instant
    ) -> [Int] {
        var moved: [Int] = []
        for task in candidates {
            guard let state = tasks[task].state.after(event) else { continue }
            tasks[task].hintExpires = nil
            if state == .queued { tasks[task].queuedAt = now }
            enter(state, task, because: failure)
            moved.append(task)
        }
        return moved
    }

    private func skippedDependents(of task: Int) -> [Int] {
        var open = tasks[task].neededBy
        var seen = Set(open)
        while let next = open.popLast() {
            for dependent in tasks[next].neededBy where seen.insert(dependent).inserted { open.append(dependent) }
        }
        return seen.filter { tasks[$0].state == .skipped }.sorted()
    }

    /// Begins a new life for tasks that have ended.
    private mutating func reopen(_ ended: [Int], of run: Int, at now: Instant) {
        for task in ended {
            for index in tasks[task].attempts.indices where tasks[task].attempts[index].outcome == .succeeded {
                tasks[task].attempts[index].outcome = .superseded
            }
            if sabotage != .reopeningKeepsArtifacts { tasks[task].artifacts = [] }
            if sabotage == .reopeningLowersAttempt {
                tasks[task].attempt = 0
                tasks[task].attempts = []
            }
            tasks[task].attemptsBase = tasks[task].attempt
            tasks[task].attemptsMax = tasks[task].attempt + tasks[task].attemptsAllowed
            tasks[task].runAt = now
            enter(.blocked, task)
        }
        if runs[run].hasFinished, let span = runs[run].deadlineSpan { runs[run].deadline = now + span }
        var counts: [TaskState: Int] = [:]
        for task in runs[run].tasks {
            counts[tasks[task].state, default: 0] += 1
            guard tasks[task].state == .blocked else { continue }
            tasks[task].waitingOn = tasks[task].needs.count { tasks[$0].state != .succeeded }
        }
        _ = runs[run].tally?.reopen(counts)
    }

    /// Queues what waits for nothing any more, unless the run is paused.
    private mutating func release(_ run: Int, at now: Instant) {
        let ready = runs[run].tasks.filter { tasks[$0].waitingOn == 0 }
        let released = sweep(.release, ready, at: now)
        if lockedState(run) == .paused { sweep(.pause, released, at: now) }
    }
}
