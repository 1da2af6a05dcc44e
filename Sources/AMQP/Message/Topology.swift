/// The exchanges, queues and bindings that one owner declares; all durable.
package struct Topology: Sendable, Equatable {
    package struct Exchange: Sendable, Equatable {
        package enum Kind: String, Sendable { case direct, fanout, topic }

        package let name: String
        package let kind: Kind

        package init(name: String, kind: Kind) {
            self.name = name
            self.kind = kind
        }
    }

    package struct Queue: Sendable, Equatable {
        package let name: String
        /// Replicated and counting deliveries; otherwise a classic queue.
        package let quorum: Bool
        package let deadLetterExchange: String?
        package let deadLetterRoutingKey: String?
        /// Returned more often than this, a message is dead-lettered (quorum queues).
        ///
        /// Set it: defaults differ by version.
        package let deliveryLimit: Int?
        /// Past this length publishes are refused (``PublishOutcome/refused``), after some overshoot.
        package let maxLength: Int?

        package init(
            name: String, quorum: Bool = true, deadLetterExchange: String? = nil,
            deadLetterRoutingKey: String? = nil, deliveryLimit: Int? = nil, maxLength: Int? = nil
        ) {
            self.name = name
            self.quorum = quorum
            self.deadLetterExchange = deadLetterExchange
            self.deadLetterRoutingKey = deadLetterRoutingKey
            self.deliveryLimit = deliveryLimit
            self.maxLength = maxLength
        }
    }

    package struct Binding: Sendable, Equatable {
        package let queue: String
        package let exchange: String
        package let routingKey: String

        package init(queue: String, exchange: String, routingKey: String) {
            self.queue = queue
            self.exchange = exchange
            self.routingKey = routingKey
        }
    }

    package let exchanges: [Exchange]
    package let queues: [Queue]
    package let bindings: [Binding]

    package init(exchanges: [Exchange], queues: [Queue], bindings: [Binding]) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }
}

extension Topology.Queue {
    /// The `x-` arguments of its declaration; only such as mean the same on RabbitMQ 3.10 and 4.
    var arguments: [FieldEntry] {
        var entries: [FieldEntry] = []
        if quorum { entries.append(FieldEntry("x-queue-type", .text("quorum"))) }
        if let deadLetterExchange { entries.append(FieldEntry("x-dead-letter-exchange", .text(deadLetterExchange))) }
        if let deadLetterRoutingKey {
            entries.append(FieldEntry("x-dead-letter-routing-key", .text(deadLetterRoutingKey)))
        }
        if let deliveryLimit { entries.append(FieldEntry("x-delivery-limit", .integer(Int64(deliveryLimit)))) }
        if let maxLength {
            entries.append(FieldEntry("x-max-length", .integer(Int64(maxLength))))
            // The default would throw the oldest confirmed messages away.
            entries.append(FieldEntry("x-overflow", .text("reject-publish")))
        }
        return entries
    }
}
