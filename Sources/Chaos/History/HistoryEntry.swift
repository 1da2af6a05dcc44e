package import Foundation
package import StudioCore

/// A line of a client's history: something that it asked, or the answer.
///
/// Never changed once written: it is what the studio is judged by.
package struct HistoryEntry: Codable, Sendable, Hashable {
    package enum Operation: String, Codable, Sendable {
        case create
        /// The key of a run that exists, with another run.
        case createOther = "create_other"
        case cancel, pause, resume, retry
        /// The client was shown a run that has ended.
        case seen
    }

    package enum Outcome: String, Codable, Sendable {
        case asked
        case done
        /// The answer was no.
        case refused
        /// There was no answer: it may be done or not, now or later.
        case unknown
    }

    /// Its place in the history, from 1.
    package let number: Int
    /// The number of the entry that asked; its own for one that asks.
    package let call: Int
    package let at: Date
    package let operation: Operation
    package let outcome: Outcome
    package var key: String?
    package var run: RunID?
    package var state: RunState?
    /// How many tasks the run must have.
    package var tasks: Int?
    package var detail: String?

    package init(
        number: Int, call: Int, at: Date, operation: Operation, outcome: Outcome, key: String? = nil,
        run: RunID? = nil, state: RunState? = nil, tasks: Int? = nil, detail: String? = nil
    ) {
        self.number = number
        self.call = call
        self.at = at
        self.operation = operation
        self.outcome = outcome
        self.key = key
        self.run = run
        self.state = state
        self.tasks = tasks
        self.detail = detail
    }
}
