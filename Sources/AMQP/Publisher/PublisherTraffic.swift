import Logging

/// The publisher's side of its channel.
struct PublisherTraffic: Traffic {
    let ledger: PublishLedger
    let confirmTimeout: Duration
    let logger: Logger

    mutating func opened(_ link: Link) throws(AMQPError) {
        try link.selectConfirms()
        ledger.connected()
    }

    mutating func received(_ event: LinkEvent, on link: Link) throws(AMQPError) {
        switch event {
        case .confirm(let tag, let multiple, let accepted):
            guard ledger.confirm(tag: tag, multiple: multiple, accepted: accepted) else {
                throw AMQPError(.protocolViolation, "a confirm of a publish that was never sent")
            }
        case .returned(let tag):
            if let tag { ledger.returned(tag) }
        case .blocked(let reason):
            logger.warning("Broker takes no messages", metadata: ["reason": "\(reason)"])
            ledger.setBlocked(true)
        case .unblocked:
            logger.info("Broker takes messages again")
            ledger.setBlocked(false)
        case .closed(let error):
            throw error
        case .delivered, .wasEmpty, .consuming, .cancelled, .cancelledByBroker:
            throw AMQPError(.protocolViolation, "a delivery without a consumer")
        }
    }

    mutating func advance(_ link: Link) throws(AMQPError) -> Bool {
        if ledger.isStalled(limit: confirmTimeout) {
            throw AMQPError(.connectionLost, "the broker confirmed nothing for \(confirmTimeout)")
        }
        let outgoing = ledger.takeOutgoing()
        guard !outgoing.isEmpty else { return false }
        try link.publish(outgoing)
        return true
    }

    mutating func lost(_ error: AMQPError) { ledger.disconnected(error) }
}
