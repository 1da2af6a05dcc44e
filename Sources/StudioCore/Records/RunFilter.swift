package import FoundationEssentials

/// Which runs a list shows, newest first.
package struct RunFilter: Sendable, Hashable {
    package var states: Set<RunState>
    /// A run is shown when it carries all of these labels.
    package var labels: [String]
    /// Exclusive.
    package var createdAfter: Date?

    package init(states: Set<RunState> = [], labels: [String] = [], createdAfter: Date? = nil) {
        self.states = states
        self.labels = labels
        self.createdAfter = createdAfter
    }
}

/// Which tasks a list shows, in the order of their identifiers; empty sets mean any.
package struct TaskFilter: Sendable, Hashable {
    package var run: RunID?
    package var states: Set<TaskState>
    package var kinds: Set<TaskKind>

    package init(run: RunID? = nil, states: Set<TaskState> = [], kinds: Set<TaskKind> = []) {
        self.run = run
        self.states = states
        self.kinds = kinds
    }
}
