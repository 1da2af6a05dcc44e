/// Why an attempt is asked to stop before it is done.
package enum StopReason: String, Sendable, Hashable, CaseIterable {
    /// The user does not want it any more.
    case canceled
    /// The hub says that the lease belongs to somebody else, or to nobody.
    case leaseLost = "lease_lost"
    /// The hub was away for so long that the lease may be over.
    case leaseExpired = "lease_expired"
    /// It takes longer than the grant allows.
    case timeLimit = "time_limit"
    /// Its executor has reported no progress for too long.
    case noProgress = "no_progress"
    /// The worker shuts down and gives the task back.
    case handBack = "hand_back"
}
