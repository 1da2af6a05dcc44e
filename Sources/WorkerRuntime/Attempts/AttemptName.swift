package import StudioCore

/// Names one attempt at one task; its number is the fencing token.
package struct AttemptName: Hashable, Sendable {
    package let task: TaskID
    package let attempt: Int

    package init(task: TaskID, attempt: Int) {
        self.task = task
        self.attempt = attempt
    }
}

extension AttemptName: CustomStringConvertible {
    /// Also the name of its directory and of its report: `task_…-3`.
    package var description: String { "\(task)-\(attempt)" }
}
