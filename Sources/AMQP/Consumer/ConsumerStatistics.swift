/// What a consumer has done so far.
package struct ConsumerStatistics: Sendable, Equatable {
    /// Connections made; all but the first are reconnects.
    package var connects = 0
    package var delivered = 0
    package var accepted = 0
    package var requeued = 0
    package var handedBack = 0
    package var rejected = 0
    /// Deliveries rejected because their body was too large; counted in `rejected` too.
    package var tooLarge = 0
    /// Dispositions that came after the channel was gone; those messages are delivered again.
    package var settledTooLate = 0
    /// Deliveries that are being handled, now.
    package var handling = 0

    package init() {}

    mutating func count(_ disposition: Disposition) {
        switch disposition {
        case .accept: accepted += 1
        case .requeue: requeued += 1
        case .handBack: handedBack += 1
        case .reject: rejected += 1
        }
    }
}
