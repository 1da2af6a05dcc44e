/// The hub's answer to a claim.
package enum ClaimAnswer: Sendable {
    case granted(Grant)
    /// Another worker holds a live lease: the hint is dropped.
    case held
    /// Old news: the hint is dropped.
    case stale
}
