package import StudioCore

/// Makes the outputs of a task: one implementation for each inference service, one for the composer, and the mocks.
package protocol TaskExecutor: Sendable {
    /// Does the task's work inside `assignment.directory` and names the files it made, the task's declared outputs
    /// first.
    ///
    /// Cancellation of the surrounding task is the only way it is asked to stop: it ends what it started, soon, and
    /// throws.
    ///
    /// - Throws: `TaskFailure` for everything that is expected to happen; `CancellationError` when it was canceled.
    func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile]

    /// What its silence means while it works on such a task.
    ///
    /// Without a default, so that whoever wraps an executor does not forget to ask it.
    func progress(on spec: TaskSpec) -> ProgressPromise
}

/// Whether an executor has something new to report again and again: then `WORKER_NO_PROGRESS_SECONDS` of silence mean
/// that it hangs, and end the attempt.
package enum ProgressPromise: Sendable, Hashable {
    /// It may be silent for as long as it likes.
    case none
    /// It may be silent, unless it has begun to report.
    case onceBegun
    case steady
}
