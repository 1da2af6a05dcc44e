/// Where an output of an attempt lies in the object store: `runs/<run>/<task>/<attempt>/<name>`.
///
/// The attempt is part of it, so that no attempt can write over another one's file.
package struct ObjectKey: Sendable, Hashable {
    /// What all of them begin with.
    package static let prefix = "runs/"

    package let run: RunID
    package let task: TaskID
    package let attempt: Int
    package let name: String

    package init(run: RunID, task: TaskID, attempt: Int, name: String) {
        self.run = run
        self.task = task
        self.attempt = attempt
        self.name = name
    }
}

extension ObjectKey: LosslessStringConvertible {
    /// Reads exactly what ``description`` writes; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, let run = RunID(String(parts[1])), let task = TaskID(String(parts[2])),
            let attempt = Int(parts[3]), attempt > 0, !parts[4].isEmpty
        else { return nil }
        self.init(run: run, task: task, attempt: attempt, name: String(parts[4]))
        guard description == text else { return nil }
    }

    package var description: String { "\(Self.prefix)\(run)/\(task)/\(attempt)/\(name)" }
}
