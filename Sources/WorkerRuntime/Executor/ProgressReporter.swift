/// How an executor says how far it is; cheap, may be called often, only the latest word is kept.
package struct ProgressReporter: Sendable {
    private let receive: @Sendable (Progress) -> Void

    package init(_ receive: @escaping @Sendable (Progress) -> Void) {
        self.receive = receive
    }

    /// Says that `done` of `total` `unit`s are made.
    ///
    /// The time from a report of ``Progress/loadingModel`` to the next one of another phase, or to the end, is the
    /// attempt's `load_seconds`. What was reported before counts as no progress.
    ///
    /// - Parameters:
    ///   - phase: one of an open set: `loading_model`, `sampling`, `encoding`, `composing.join`.
    ///   - total: 0 when it is not known.
    package func callAsFunction(phase: String, done: Int, total: Int, unit: String) {
        callAsFunction(Progress(phase: phase, done: done, total: total, unit: unit))
    }

    package func callAsFunction(_ progress: Progress) { receive(progress) }
}
