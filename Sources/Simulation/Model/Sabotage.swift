/// A small fault put into the model or its world on purpose, which the referee must find.
package enum Sabotage: String, Sendable, CaseIterable {
    // A condition left out of a statement.
    case claimIgnoresAttempt, claimIgnoresState, renewalIgnoresAttempt, uploadIgnoresAttempt, reportIgnoresAttempt
    case reportIgnoresState, reaperIgnoresRenewals, hintsNeverExpire, idempotencyIgnored
    // A decision gone wrong.
    case retriesWithoutBound, creditsTwice, cancelIgnoredByCompletion, deathsNotCounted, delayIgnored
    // A consequence forgotten.
    case leaseNotCleared, forgetsDependent, releasesTooEarly, skipsDirectDependentsOnly, runNotSettled
    case reopeningLowersAttempt, reopeningKeepsArtifacts, attemptNotClosed
    // A program that does things in the wrong order, or trusts what it should not.
    case acknowledgesBeforeCommit, unknownCommitTakenForDone, workerOutlivesLease, keysWithoutAttempt
    case attemptsRunTwice
}
