/// A promise of the execution semantics.
package enum Invariant: String, Sendable, CaseIterable {
    case accepted = "I1 an accepted run exists once and ends"
    case lease = "I2 one live lease at most"
    case fenced = "I3 no write of an older attempt is applied"
    case final = "I4 terminal is final"
    case artifact = "I5 one artifact an output, and its bytes are there"
    case once = "I6 every effect once"
    case settled = "I7 what the broker confirmed is settled"
    case canceled = "I8 nothing begins or succeeds after an acknowledged cancel"
    case bounded = "I9 attempts are bounded and wait for their time"
    case inputs = "I10 nothing begins before its inputs are there"
    case counted = "a run is what its tasks are"
    case liveness = "everything ends"
}

/// A promise that was broken.
package struct Violation: Sendable, Hashable {
    package let invariant: Invariant
    package let detail: String
    package let at: Instant
}
