/// How many tasks are in each state; on the wire an object of state to number, without zeros.
package struct TaskCounts: Sendable, Hashable {
    package private(set) var byState: [TaskState: Int]

    package init(_ byState: [TaskState: Int] = [:]) {
        self.byState = byState.filter { $0.value > 0 }
    }

    /// Counts `states`.
    package init(of states: some Sequence<TaskState>) {
        self.init(states.reduce(into: [:]) { $0[$1, default: 0] += 1 })
    }

    package subscript(state: TaskState) -> Int { byState[state] ?? 0 }

    package var total: Int { byState.values.reduce(0, +) }

    /// How many have ended, well or not.
    package var terminal: Int { TaskState.terminal.reduce(0) { $0 + self[$1] } }

    /// The state of what these tasks make up together, a shot for example: the least settled one that counts.
    package var combined: TaskState {
        guard total > 0 else { return .blocked }
        if self[.canceling] > 0 { return .canceling }
        if terminal == total {
            for state in [TaskState.failed, .canceled, .skipped] where self[state] > 0 { return state }
            return .succeeded
        }
        for state in [TaskState.running, .retrying, .paused] where self[state] > 0 { return state }
        if self[.succeeded] > 0 { return .running }
        return self[.queued] > 0 ? .queued : .blocked
    }
}

extension TaskCounts: Codable {
    package init(from decoder: any Decoder) throws {
        let named = try decoder.singleValueContainer().decode([String: Int].self)
        self.init(
            named.reduce(into: [:]) { counts, entry in
                if let state = TaskState(rawValue: entry.key) { counts[state] = entry.value }
            })
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Dictionary(uniqueKeysWithValues: byState.map { ($0.key.rawValue, $0.value) }))
    }
}
