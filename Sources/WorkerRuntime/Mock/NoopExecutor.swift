package import StudioCore

/// Waits as long as it is told, and makes nothing.
package struct NoopExecutor: TaskExecutor {
    package init() {}

    /// It only waits.
    package func progress(on spec: TaskSpec) -> ProgressPromise { .none }

    package func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile] {
        guard case .noop(let spec) = assignment.spec else { throw MockTool.wrongKind(assignment.spec) }
        if spec.sleepMilliseconds > 0 { try await Task.sleep(for: .milliseconds(spec.sleepMilliseconds)) }
        return []
    }
}
