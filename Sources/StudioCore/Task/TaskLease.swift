/// A task under a lease, and what becomes of it when its attempt ends.
package struct TaskLease: Sendable {
    package let state: TaskState
    package let attempt: Int
    package let attemptsMax: Int
    /// The number of the last attempt before the task was last reopened: those up to it do not count.
    package let attemptsBase: Int
    /// How many other workers have died with it since then.
    package let deaths: Int
    /// Whether its worker has been heard of since its lease ran out: then it was we who were away, not the worker.
    package let ownerLives: Bool

    /// How long a lease may be made, in seconds.
    package static let secondsRange = 3...3_600
    package static let secondsDefault = 12
    /// The longest pause between two heartbeats of a worker, in seconds, however long its leases are.
    package static let heartbeatSecondsMax = 4
    /// A worker not heard of for so long, in seconds, is not there.
    package static let silenceSecondsMax = 30.0

    /// Attempts that were no fault of the task are given back up to this many in all.
    package static let attemptsCeiling = 20

    package init(
        state: TaskState, attempt: Int, attemptsMax: Int, attemptsBase: Int, deaths: Int, ownerLives: Bool
    ) {
        self.state = state
        self.attempt = attempt
        self.attemptsMax = attemptsMax
        self.attemptsBase = attemptsBase
        self.deaths = deaths
        self.ownerLives = ownerLives
    }

    /// How an attempt ended.
    package enum End: Sendable {
        /// With these files, of which the task makes `outputs`.
        case completed(files: [String], outputs: [String])
        case failed(TaskFailure)
        /// Given back unharmed.
        case handedBack
        /// Stopped, because the task was canceled.
        case canceled
        /// Nothing has been heard of it for as long as a lease lasts.
        case expired

        fileprivate var keepsPlace: Bool {
            switch self {
            case .handedBack, .expired: true
            case .completed, .failed, .canceled: false
            }
        }
    }

    /// What is to become of the task.
    package struct Decision: Sendable, Hashable {
        package let state: TaskState
        /// When the task may run again, in seconds from now.
        package var delaySeconds = 0.0
        /// How many attempts the task gets on top, because this one does not count.
        package var credit = 0
        package var failure: TaskFailure?
        /// Whether the task keeps its place in the line, because it was no failure of its own that ended the attempt.
        package var keepsPlace = false
    }

    /// Decides; `nil` when that end changes nothing.
    ///
    /// - Parameter jitter: 0 ..< 1, spreads the delays of tasks that failed together.
    package func decision(after end: End, policy: RetryPolicy, jitter: Double) -> Decision? {
        var decision = decision(after: end, policy, jitter)
        decision?.keepsPlace = end.keepsPlace
        return decision
    }

    private func decision(after end: End, _ policy: RetryPolicy, _ jitter: Double) -> Decision? {
        switch end {
        case .completed(let files, let outputs):
            guard files.count == outputs.count, Set(files) == Set(outputs) else {
                return decision(after: .wrongOutputs(files, expected: outputs), policy, jitter)
            }
            return decision(.complete)
        case .failed(let failure): return decision(after: failure, policy, jitter)
        case .handedBack:
            guard mayGainAttempts else { return decision(after: .handedBackTooOften(attempt), policy, jitter) }
            return decision(.handBack, credit: 1)
        case .canceled: return decision(.confirmCancel)
        case .expired:
            if ownerLives, state == .running, mayGainAttempts {
                return decision(.handBack, credit: 1, failure: .leaseExpired)
            }
            // This worker is one more that died.
            let isPoison = !ownerLives && deaths + 1 >= policy.deathsMax
            return decision(after: isPoison ? .killsWorkers : .leaseExpired, policy, jitter)
        }
    }

    private var mayGainAttempts: Bool { attemptsMax - attemptsBase < Self.attemptsCeiling }

    private func decision(after failure: TaskFailure, _ policy: RetryPolicy, _ jitter: Double) -> Decision? {
        let decision = policy.decide(
            failure, attempt: attempt - attemptsBase, attemptsMax: attemptsMax - attemptsBase, jitter: jitter)
        return switch decision {
        case .retry(let seconds): self.decision(.retry, delaySeconds: seconds, failure: failure)
        case .fail: self.decision(.fail, failure: failure)
        }
    }

    private func decision(
        _ event: TaskEvent, delaySeconds: Double = 0, credit: Int = 0, failure: TaskFailure? = nil
    ) -> Decision? {
        state.after(event).map {
            Decision(state: $0, delaySeconds: delaySeconds, credit: credit, failure: failure)
        }
    }
}

extension TaskFailure {
    /// Its worker fell silent.
    package static let leaseExpired = TaskFailure(
        .temporary, code: "lease_expired", detail: "its worker has not been heard of for as long as a lease lasts",
        retryAfterSeconds: 0)

    fileprivate static func wrongOutputs(_ files: [String], expected: [String]) -> TaskFailure {
        TaskFailure(
            .temporary, code: "wrong_outputs",
            detail: "the worker reported \(files), but the task makes \(expected)")
    }

    fileprivate static func handedBackTooOften(_ attempt: Int) -> TaskFailure {
        TaskFailure(
            .temporary, code: "handed_back_too_often",
            detail: "its workers were stopped \(attempt) times before it was done", retryAfterSeconds: 0)
    }
}
