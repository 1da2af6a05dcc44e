package import Foundation
package import StudioCore

/// What became of a planned fault.
package struct FaultRecord: Codable, Sendable, Hashable {
    package enum Outcome: String, Codable, Sendable {
        case injected
        /// Nothing was there to be broken, such as a program that never reached a crash point.
        case missed
        /// This machine cannot do it.
        case skipped
        /// It could not be made, or not be healed as planned.
        case failed
    }

    package let number: Int
    package let kind: FaultKind
    package var outcome: Outcome
    /// What was broken.
    package var target: String
    package var begin: Date
    /// When it was healed, as far as healing is our part: a program must be ready again.
    package var end: Date?
    /// The workers that died of it, with all they had in hand.
    package var workers: [WorkerID] = []

    package init(
        number: Int, kind: FaultKind, outcome: Outcome = .injected, target: String = "", begin: Date,
        end: Date? = nil, workers: [WorkerID] = []
    ) {
        self.number = number
        self.kind = kind
        self.outcome = outcome
        self.target = target
        self.begin = begin
        self.end = end
        self.workers = workers
    }
}
