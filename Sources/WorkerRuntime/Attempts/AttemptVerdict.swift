import StudioCore

/// What follows from how an attempt's work ended.
enum AttemptVerdict: Sendable, Hashable {
    /// The hub is told.
    case report(AttemptResult)
    /// The attempt counts no more: nothing is said, the hint is dropped.
    case silence
    /// This process was told to end at once: the hint goes back.
    case interrupted

    /// Decides.
    ///
    /// - Parameters:
    ///   - reason: why the work was asked to stop, if it was.
    ///   - outcome: how it ended, which may be well in spite of that.
    ///   - isInterrupted: whether the task that ran it was canceled from outside.
    ///   - noProgressLimit: for how long it may have reported no progress.
    init(
        reason: StopReason?, outcome: Result<[UploadedFile], any Error>, isInterrupted: Bool, noProgressLimit: Duration
    ) {
        switch (reason, outcome) {
        case (.leaseLost, _), (.leaseExpired, _): self = .silence
        case (.canceled, _): self = .report(.canceled)
        case (_, .success(let files)): self = .report(.completed(files))
        case (.handBack, .failure): self = .report(.handedBack)
        case (.timeLimit, .failure): self = .report(.failed(Self.timeLimit))
        case (.noProgress, .failure): self = .report(.failed(Self.noProgress(noProgressLimit)))
        case (nil, .failure(let error)): self = Self.verdict(on: error, isInterrupted: isInterrupted)
        }
    }

    /// The verdict on work that did not stop within the grace period: it is not waited for.
    init(unstoppable reason: StopReason, noProgressLimit: Duration) {
        self.init(
            reason: reason, outcome: .failure(CancellationError()), isInterrupted: false,
            noProgressLimit: noProgressLimit)
    }

    private static let timeLimit = TaskFailure(
        .temporary, code: "time_limit", detail: "the attempt took longer than its limit")

    private static func noProgress(_ limit: Duration) -> TaskFailure {
        TaskFailure(
            .temporary, code: "no_progress",
            detail: "the executor reported no progress for \(limit.secondsValue) s (WORKER_NO_PROGRESS_SECONDS)")
    }

    private static func verdict(on error: any Error, isInterrupted: Bool) -> AttemptVerdict {
        switch error {
        case let error as HubError: error.code == .canceled ? .report(.canceled) : .silence
        case let failure as TaskFailure where failure.errorClass == .canceled: .report(.canceled)
        case let failure as TaskFailure where failure.errorClass == .fenced: .silence
        case let failure as TaskFailure: .report(.failed(failure))
        case is CancellationError where isInterrupted: .interrupted
        default: .report(.failed(TaskFailure(error, at: .compute)))
        }
    }
}
