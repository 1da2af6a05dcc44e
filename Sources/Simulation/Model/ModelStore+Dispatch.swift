import StudioCore

extension ModelStore {
    /// A hint that lasts no longer, in milliseconds, is not on its way: its task is kept back.
    private static let keptBackMax = 5_000

    /// Picks tasks whose time has come, as many of each lane as its window has room for.
    package mutating func pickHints(lane: Int, window: Int, hintLife: Int, at now: Instant) -> [AttemptName] {
        var room = window
        var ready: [(queuedAt: Instant, task: Int)] = []
        for task in tasks.indices where tasks[task].lane == lane {
            switch tasks[task].state {
            case .queued where (tasks[task].hintExpires ?? now) > now:
                if (tasks[task].hintExpires ?? now) > now + Self.keptBackMax { room -= 1 }
            case .queued, .retrying:
                if sabotage == .hintsNeverExpire, tasks[task].hintExpires != nil { continue }
                guard tasks[task].runAt <= now || sabotage == .delayIgnored else { continue }
                ready.append((tasks[task].queuedAt, task))
            default: continue
            }
        }
        guard room > 0 else { return [] }
        if ready.count > room { ready.sort { $0 < $1 } }
        return ready.prefix(room).map { _, task in
            if tasks[task].state == .retrying {
                moves.append(ModelMove(task: task, from: .retrying, to: .queued))
                tasks[task].state = .queued
            }
            tasks[task].hintExpires = now + hintLife
            return AttemptName(task: task, attempt: tasks[task].attempt)
        }
    }

    /// Forgets hints that were not published.
    package mutating func forget(_ hints: [AttemptName]) {
        for hint in hints where tasks[hint.task].attempt == hint.attempt && tasks[hint.task].state == .queued {
            tasks[hint.task].hintExpires = nil
        }
    }

    /// Compares a lane's unclaimed hints with what its queue still holds; answers how many will be sent again.
    package mutating func reconcile(
        lane: Int, queueDepth: Int, olderThan age: Int, hintLife: Int, at now: Instant
    ) -> Int {
        guard sabotage != .hintsNeverExpire else { return 0 }
        var waiting: [(expires: Instant, task: Int)] = []
        for task in tasks.indices where tasks[task].lane == lane && tasks[task].state == .queued {
            guard let expires = tasks[task].hintExpires, expires > now + Self.keptBackMax else { continue }
            waiting.append((expires, task))
        }
        waiting.sort { $0 < $1 }
        var lost = 0
        for (place, hint) in waiting.enumerated() where hint.expires < now + hintLife - age {
            let isLost = place < waiting.count - queueDepth
            tasks[hint.task].hintExpires = isLost ? nil : now + hintLife
            if isLost { lost += 1 }
        }
        return lost
    }
}
