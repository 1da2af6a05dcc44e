import Postgres
import StudioCore

/// How long an attempt may last, however often its worker says that it goes on.
///
/// A worker ends an attempt itself after ``TaskKind/attemptSecondsMax``. One that does not, because it hangs, has its
/// lease renewed for ``factor`` times as long; then the reaper gives the task to another one.
enum AttemptLimit {
    static let factor = 2.0

    /// The span as an interval; null for a kind that this program does not know, which has no limit here.
    ///
    /// - Parameter task: the name or alias of a row of `tasks`.
    static func span(of task: SQL) -> SQL {
        let limits = TaskKind.allCases.map { kind in
            "WHEN '\(kind.rawValue)' THEN \(factor * kind.attemptSecondsMax)"
        }
        return "make_interval(secs => CASE \(fragment: task).kind \(unsafe: limits.joined(separator: " ")) END)"
    }
}
