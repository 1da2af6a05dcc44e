/// A message as it came from a queue; everything in it is untrusted input.
package struct Delivery: Sendable, Equatable {
    package var body: [UInt8]
    package var messageID: String
    package var contentType: String
    package var type: String
    /// Text, numbers and booleans as text; tables and arrays are left out.
    package var headers: [String: String]
    package var routingKey: String
    /// The queue it was consumed from.
    package var queue: String
    /// A hint: some consumer may have seen it before.
    package var redelivered: Bool
    /// How often the broker counts it as returned (quorum queues), 0 at first; for metrics only.
    package var deliveryCount: Int

    package init(
        body: [UInt8], messageID: String = "", contentType: String = "", type: String = "",
        headers: [String: String] = [:], routingKey: String = "", queue: String = "", redelivered: Bool = false,
        deliveryCount: Int = 0
    ) {
        self.body = body
        self.messageID = messageID
        self.contentType = contentType
        self.type = type
        self.headers = headers
        self.routingKey = routingKey
        self.queue = queue
        self.redelivered = redelivered
        self.deliveryCount = deliveryCount
    }
}

/// What becomes of a delivery; handlers return it, so that settling cannot be forgotten or done twice.
package enum Disposition: Sendable, Equatable {
    /// Done: the broker forgets the message.
    case accept
    /// Back to the queue; counts towards its delivery limit.
    case requeue
    /// Back to the queue through no fault of the message; counts towards its limit only before RabbitMQ 4.3.
    case handBack
    /// To the queue's dead-letter exchange, or dropped when it has none.
    case reject
}
