import Logging

/// The consumer's side of its channel.
struct ConsumerTraffic: Traffic {
    private enum Subscription { case none, requested, active, cancelling }

    private let ranks: [[String]]
    private let queues: [String]
    /// Several queues share the prefetch, see ``QueueTurns``; of a single one, the broker keeps it.
    private let sharesPrefetch: Bool
    private let prefetch: UInt16
    private let bodyBytesMax: Int
    private let whenTooLarge: @Sendable () -> Void
    private let ledger: ConsumerLedger
    private let logger: Logger
    private var turns: QueueTurns
    private var subscriptions: [String: Subscription] = [:]
    private var arrived: [DeliveryBuffer.Parcel] = []

    init(
        ranks: [[String]], prefetch: UInt16, bodyBytesMax: Int, whenTooLarge: @escaping @Sendable () -> Void,
        ledger: ConsumerLedger, logger: Logger
    ) {
        self.ranks = ranks
        queues = ranks.flatMap { $0 }
        sharesPrefetch = queues.count > 1
        turns = QueueTurns(ranks: ranks)
        self.prefetch = prefetch
        self.bodyBytesMax = bodyBytesMax
        self.whenTooLarge = whenTooLarge
        self.ledger = ledger
        self.logger = logger
    }

    mutating func opened(_ link: Link) throws(AMQPError) {
        // Before consuming: consuming a missing queue closes the channel, and would count all that the other queues
        // had already delivered as failed.
        for queue in queues { _ = try link.messageCount(queue: queue) }
        try link.limitDeliveries(to: prefetch)
        link.content = ContentAssembly(bodyBytesMax: bodyBytesMax)
        turns = QueueTurns(ranks: ranks)
        subscriptions = [:]
        arrived = []
        ledger.connected()
    }

    mutating func received(_ event: LinkEvent, on link: Link) throws(AMQPError) {
        switch event {
        case .delivered(let tag, let delivery, let isTooLarge, let left):
            guard let parcel = ledger.delivered(delivery, tag: tag) else {
                throw AMQPError(.protocolViolation, "a delivery tag out of order")
            }
            if let left { turns.gave(delivery.queue, left: left) }
            if isTooLarge {
                logger.warning("Delivery is too large", metadata: ["queue": "\(delivery.queue)"])
                ledger.countTooLarge()
                whenTooLarge()
                ledger.settle([parcel], as: [.reject])
            } else if sharesPrefetch && ledger.buffer.room <= arrived.count {
                // Sent by a second queue before the subscription was cancelled.
                ledger.settle([parcel], as: [.handBack])
            } else {
                arrived.append(parcel)
            }
        case .wasEmpty(let queue):
            turns.wasEmpty(queue)
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
        // The broker counts what is not settled against a subscription: to fill a place that was given away takes a new
        // one.
        if ledger.buffer.takeRelease() { turns.forget() }
        let room = ledger.buffer.room
        let wantsDeliveries = ledger.wantsDeliveries && (!sharesPrefetch || room > 0)
        if !wantsDeliveries { turns.forget() }
        try subscribe(wantsDeliveries && (!sharesPrefetch || turns.areAllEmpty), link)
        // After the cancellations: what is handed back must not come again.
        for order in ledger.takeOrders() { try link.settle(order) }
        if wantsDeliveries && sharesPrefetch && subscriptions.values.allSatisfy({ $0 == .none }) {
            for queue in turns.ask(room: room) { try link.get(queue: queue) }
        }
        return false
    }

    private mutating func subscribe(_ wantsDeliveries: Bool, _ link: Link) throws(AMQPError) {
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
    }

    mutating func lost(_ error: AMQPError) {
        arrived = []
        ledger.disconnected()
    }
}
