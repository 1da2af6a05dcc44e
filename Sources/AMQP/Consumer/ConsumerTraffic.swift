import Logging

/// The consumer's side of its channel.
struct ConsumerTraffic: Traffic {
    private enum Subscription { case none, requested, active, cancelling }

    private let queues: [String]
    private let prefetch: UInt16
    private let ledger: ConsumerLedger
    private let logger: Logger
    private var subscriptions: [String: Subscription] = [:]
    private var arrived: [DeliveryBuffer.Parcel] = []

    init(queues: [String], prefetch: UInt16, ledger: ConsumerLedger, logger: Logger) {
        self.queues = queues
        self.prefetch = prefetch
        self.ledger = ledger
        self.logger = logger
    }

    mutating func opened(_ link: Link) throws(AMQPError) {
        // Before consuming: consuming a missing queue closes the channel, and would count all that the other queues
        // had already delivered as failed.
        for queue in queues { _ = try link.messageCount(queue: queue) }
        try link.limitDeliveries(to: prefetch)
        subscriptions = [:]
        arrived = []
        ledger.connected()
    }

    mutating func received(_ event: LinkEvent, on link: Link) throws(AMQPError) {
        switch event {
        case .delivered(let tag, let delivery, let isTooLarge):
            guard let parcel = ledger.delivered(delivery, tag: tag) else {
                throw AMQPError(.protocolViolation, "a delivery tag out of order")
            }
            guard isTooLarge else {
                arrived.append(parcel)
                return
            }
            logger.warning("Delivery is too large", metadata: ["queue": "\(delivery.queue)"])
            ledger.countTooLarge()
            ledger.settle([parcel], as: [.reject])
        case .consuming(let queue):
            subscriptions[queue] = .active
        case .cancelled(let queue):
            subscriptions[queue] = Subscription.none
        case .cancelledByBroker(let queue):
            throw AMQPError(.notFound, "queue \(queue) was deleted")
        case .closed(let error):
            throw error
        case .blocked, .unblocked:
            // Consumers send too little to be stopped.
            break
        case .confirm, .returned:
            throw AMQPError(.protocolViolation, "a confirm without a publish")
        }
    }

    mutating func advance(_ link: Link) throws(AMQPError) -> Bool {
        if !arrived.isEmpty {
            ledger.buffer.add(arrived)
            arrived.removeAll(keepingCapacity: true)
        }
        for order in ledger.takeOrders() { try link.settle(order) }
        let wantsDeliveries = ledger.wantsDeliveries
        for queue in queues {
            switch (subscriptions[queue, default: .none], wantsDeliveries) {
            case (.none, true):
                try link.consume(queue: queue)
                subscriptions[queue] = .requested
            case (.active, false):
                try link.cancel(queue: queue)
                subscriptions[queue] = .cancelling
            default:
                break
            }
        }
        return false
    }

    mutating func lost(_ error: AMQPError) {
        arrived = []
        ledger.disconnected()
    }
}
