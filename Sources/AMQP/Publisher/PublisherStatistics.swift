/// What a publisher has done so far.
package struct PublisherStatistics: Sendable, Equatable {
    /// Connections made; all but the first are reconnects.
    package var connects = 0
    /// Messages handed to the socket.
    package var published = 0
    package var confirmed = 0
    package var unroutable = 0
    package var refused = 0
    /// Publishes whose outcome was not learnt.
    package var unknown = 0
    /// Publishes that were given up before they were sent.
    package var unsent = 0
    /// Messages that wait to be sent, now.
    package var queued = 0
    /// Messages that wait for their confirm, now.
    package var unconfirmed = 0

    package init() {}

    mutating func count(_ outcome: PublishOutcome) {
        switch outcome {
        case .confirmed: confirmed += 1
        case .unroutable: unroutable += 1
        case .refused: refused += 1
        }
    }
}
