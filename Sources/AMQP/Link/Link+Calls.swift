import CRabbitMQ

/// The methods of the protocol that this library uses.
extension Link {
    // MARK: remote calls, made only while nothing else moves on the channel

    func declare(_ exchange: Topology.Exchange) throws(AMQPError) {
        defer { arena.recycle() }
        try call("declaring exchange \(exchange.name)") { connection in
            amqp_exchange_declare(
                connection, Self.channel, arena.bytes(exchange.name), arena.bytes(exchange.kind.rawValue), 0, 1, 0, 0,
                arena.table([])) != nil
        }
    }

    func declare(_ queue: Topology.Queue) throws(AMQPError) {
        defer { arena.recycle() }
        try call("declaring queue \(queue.name)") { connection in
            amqp_queue_declare(
                connection, Self.channel, arena.bytes(queue.name), 0, 1, 0, 0, arena.table(queue.arguments)) != nil
        }
    }

    func declare(_ binding: Topology.Binding) throws(AMQPError) {
        defer { arena.recycle() }
        try call("binding queue \(binding.queue) to \(binding.exchange)") { connection in
            amqp_queue_bind(
                connection, Self.channel, arena.bytes(binding.queue), arena.bytes(binding.exchange),
                arena.bytes(binding.routingKey), arena.table([])) != nil
        }
    }

    func delete(_ queue: Topology.Queue) throws(AMQPError) {
        defer { arena.recycle() }
        try call("deleting queue \(queue.name)") { connection in
            amqp_queue_delete(connection, Self.channel, arena.bytes(queue.name), 0, 0) != nil
        }
    }

    func delete(_ exchange: Topology.Exchange) throws(AMQPError) {
        defer { arena.recycle() }
        try call("deleting exchange \(exchange.name)") { connection in
            amqp_exchange_delete(connection, Self.channel, arena.bytes(exchange.name), 0) != nil
        }
    }

    /// The number of messages ready in a queue.
    /// - Throws: `.notFound` when there is no such queue; the link is then of no more use.
    func messageCount(queue: String) throws(AMQPError) -> Int {
        defer { arena.recycle() }
        var count = 0
        try call("looking at queue \(queue)") { connection in
            let answer = amqp_queue_declare(
                connection, Self.channel, arena.bytes(queue), 1, 0, 0, 0, arena.table([]))
            count = answer.map { Int($0.pointee.message_count) } ?? 0
            return answer != nil
        }
        return count
    }

    func limitDeliveries(to prefetch: UInt16) throws(AMQPError) {
        try call("basic.qos") { amqp_basic_qos($0, Self.channel, 0, prefetch, 0) != nil }
    }

    func selectConfirms() throws(AMQPError) {
        try call("confirm.select") { amqp_confirm_select($0, Self.channel) != nil }
    }

    // MARK: sends, whose answers come as events

    /// Asks for the deliveries of a queue.
    ///
    /// Under a new tag each time: what came under an older one and is not acknowledged leaves the prefetch of this one
    /// whole.
    func consume(queue: String) throws(AMQPError) {
        defer { arena.recycle() }
        subscriptions += 1
        let tag = ConsumerTag(queue: queue, number: subscriptions)
        tags[queue] = tag
        var method = amqp_basic_consume_t()
        method.queue = arena.bytes(queue)
        method.consumer_tag = arena.bytes(tag.text)
        try send("basic.consume") { amqp_send_method($0, Self.channel, AMQP_BASIC_CONSUME_METHOD, &method) }
    }

    /// Asks a queue for one message.
    func get(queue: String) throws(AMQPError) {
        defer { arena.recycle() }
        var method = amqp_basic_get_t()
        method.queue = arena.bytes(queue)
        asked.append(queue)
        try send("basic.get") { amqp_send_method($0, Self.channel, AMQP_BASIC_GET_METHOD, &method) }
    }

    func cancel(queue: String) throws(AMQPError) {
        defer { arena.recycle() }
        var method = amqp_basic_cancel_t()
        method.consumer_tag = arena.bytes(tags[queue]?.text ?? queue)
        try send("basic.cancel") { amqp_send_method($0, Self.channel, AMQP_BASIC_CANCEL_METHOD, &method) }
    }

    func settle(_ order: SettlementBook.Order) throws(AMQPError) {
        switch order {
        case .ack(let tag, let multiple):
            try send("basic.ack") { amqp_basic_ack($0, Self.channel, tag, multiple ? 1 : 0) }
        case .reject(let tag, let requeue):
            // Not nack: from 4.3 on only a reject counts towards the delivery limit.
            try send("basic.reject") { amqp_basic_reject($0, Self.channel, tag, requeue ? 1 : 0) }
        case .handBack(let tag):
            try send("basic.nack") { amqp_basic_nack($0, Self.channel, tag, 0, 1) }
        }
    }

    /// Sends messages whose limits have been checked; their tags come back in returns.
    func publish(_ messages: [PublishBook.Outgoing]) throws(AMQPError) {
        try send("basic.publish") { connection in
            for message in messages {
                let status = publish(message, on: connection)
                guard status == AMQP_STATUS_OK.rawValue else { return status }
            }
            return AMQP_STATUS_OK.rawValue
        }
    }

    private func publish(_ outgoing: PublishBook.Outgoing, on connection: amqp_connection_state_t) -> Int32 {
        defer { arena.recycle() }
        var properties = properties(of: outgoing.request.message, tag: outgoing.tag)
        let exchange = arena.bytes(outgoing.request.exchange)
        let routingKey = arena.bytes(outgoing.request.routingKey)
        return outgoing.request.message.body.withUnsafeBytes { body in
            let bytes = amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
            return amqp_basic_publish(connection, Self.channel, exchange, routingKey, 1, 0, &properties, bytes)
        }
    }

    private func properties(of message: AMQPMessage, tag: UInt64) -> amqp_basic_properties_t {
        var properties = amqp_basic_properties_t()
        var flags =
            AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG
            | AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG
        properties.content_type = arena.bytes(message.contentType)
        properties.delivery_mode = UInt8(AMQP_DELIVERY_PERSISTENT.rawValue)
        properties.message_id = arena.bytes(message.messageID)
        properties.type = arena.bytes(message.type)
        // A return names no delivery tag: this is how it finds its publish.
        properties.correlation_id = arena.bytes(String(tag))
        if let priority = message.priority {
            properties.priority = priority
            flags |= AMQP_BASIC_PRIORITY_FLAG
        }
        if let timestamp = message.timestamp {
            properties.timestamp = timestamp
            flags |= AMQP_BASIC_TIMESTAMP_FLAG
        }
        if !message.headers.isEmpty {
            properties.headers = arena.table(message.headers.map { FieldEntry($0.key, .text($0.value)) })
            flags |= AMQP_BASIC_HEADERS_FLAG
        }
        properties._flags = amqp_flags_t(flags)
        return properties
    }

    private func send(_ what: String, _ body: (amqp_connection_state_t) -> Int32) throws(AMQPError) {
        let status = try guarded(what, body)
        guard status == AMQP_STATUS_OK.rawValue else { throw Self.lost(status, what) }
    }
}
