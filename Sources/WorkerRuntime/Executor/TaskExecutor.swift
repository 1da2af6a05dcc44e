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

    /// Whether it has something new to report again and again while it works on such a task.
    ///
    /// Then its silence means that it hangs, and `WORKER_NO_PROGRESS_SECONDS` of it end the attempt. Without a default,
    /// so that whoever wraps an executor does not forget to ask it.
    func reportsProgress(on spec: TaskSpec) -> Bool
}
