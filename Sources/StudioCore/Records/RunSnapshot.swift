/// A run, its shots and tasks at one moment: where an event stream begins.
package struct RunSnapshot: Codable, Sendable, Hashable {
    /// A snapshot shows at most this many tasks.
    package static let tasksMax = 2_000

    package let run: RunRecord
    package let shots: [ShotRecord]
    package let tasks: [TaskRecord]

    package init(run: RunRecord, shots: [ShotRecord], tasks: [TaskRecord]) {
        self.run = run
        self.shots = shots
        self.tasks = tasks
    }

    /// Whether `tasks` holds every task of the run.
    package var isComplete: Bool { tasks.count == run.tasks.total }
}
