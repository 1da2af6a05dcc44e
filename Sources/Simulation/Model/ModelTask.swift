package import StudioCore

/// A time of the simulated clock, in milliseconds since its beginning.
package typealias Instant = Int

/// One attempt of one task.
package struct AttemptName: Sendable, Hashable, CustomStringConvertible {
    package let task: Int
    package let attempt: Int

    package init(task: Int, attempt: Int) {
        self.task = task
        self.attempt = attempt
    }

    package var description: String { "\(task)/\(attempt)" }
}

/// A row of the table of tasks.
package struct ModelTask: Sendable {
    package struct Lease: Sendable, Hashable {
        package var owner: Int
        package var expires: Instant
    }

    /// A row of the ledger.
    package struct Attempt: Sendable {
        package let worker: Int
        package var outcome: Outcome?
    }

    package enum Outcome: String, Sendable {
        case succeeded, failed, canceled, expired, interrupted, superseded
        case handedBack = "handed_back"
    }

    /// An object that is shown, by what it should hold.
    package struct Artifact: Sendable, Hashable {
        package let name: String
        package let attempt: Int
        package let digest: UInt64
    }

    package let run: Int
    package let lane: Int
    package let outputs: [String]
    package let attemptsAllowed: Int
    /// The tasks whose outputs it waits for, once for each input.
    package let needs: [Int]
    package internal(set) var neededBy: [Int] = []

    package internal(set) var state: TaskState
    package internal(set) var attempt = 0
    package internal(set) var attemptsMax: Int
    package internal(set) var attemptsBase = 0
    package internal(set) var waitingOn: Int
    package internal(set) var runAt: Instant
    package internal(set) var queuedAt: Instant
    package internal(set) var hintExpires: Instant?
    package internal(set) var lease: Lease?
    /// Whether its worker has been heard of with this attempt.
    package internal(set) var hasProgress = false
    package internal(set) var attempts: [Attempt] = []
    package internal(set) var artifacts: [Artifact] = []
}

/// A row of the table of runs.
package struct ModelRun: Sendable {
    package let tasks: Range<Int>
    package internal(set) var deadline: Instant?
    /// How long it may take from its submission, and again from each time that it is taken up again.
    let deadlineSpan: Int?
    package internal(set) var state = RunState.queued
    package internal(set) var succeeded = 0
    package internal(set) var failed = 0
    package internal(set) var canceled = 0
    package internal(set) var skipped = 0
    package internal(set) var reason: TaskFailure?
    package internal(set) var hasStarted = false
    package internal(set) var hasFinished = false
    /// The tally of the transaction that holds the run.
    var tally: RunTally?
    /// Whether that transaction has moved anything.
    var isTouched = false
}

/// A change of a task's state.
package struct ModelMove: Sendable {
    package let task: Int
    package let from: TaskState
    package let to: TaskState
}
