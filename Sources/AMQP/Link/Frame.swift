import CRabbitMQ
import DequeModule

/// The one place that reads frames: the methods of the library that read ahead by themselves are not used, since they
/// put frames back, drop those of other channels, or wait without a limit.
extension Link {
    /// The result of ``drain(framesMax:)``.
    struct Drained {
        var events: [LinkEvent] = []
        /// Set when the connection is gone; the events came before.
        var failure: AMQPError?
        /// Whether everything that had arrived was read.
        var isExhausted = false
    }

    /// Reads what has arrived, without waiting for more, and sends a heartbeat when one is due.
    func drain(framesMax: Int) -> Drained {
        var drained = Drained()
        do throws(AMQPError) {
            let failure = try guarded("reading") { connection in
                self.readFrames(connection, framesMax: framesMax, into: &drained)
            }
            drained.failure = failure
        } catch {
            drained.failure = error
        }
        return drained
    }

    private func readFrames(
        _ connection: amqp_connection_state_t, framesMax: Int, into drained: inout Drained
    ) -> AMQPError? {
        var frame = amqp_frame_t()
        var noWait = timeval(tv_sec: 0, tv_usec: 0)
        for _ in 0..<framesMax {
            let status = amqp_simple_wait_frame_noblock(connection, &frame, &noWait)
            if status == AMQP_STATUS_TIMEOUT.rawValue {
                drained.isExhausted = true
                return nil
            }
            guard status == AMQP_STATUS_OK.rawValue else { return Self.lost(status, "reading") }
            do throws(AMQPError) {
                if let event = try event(frame) { drained.events.append(event) }
            } catch {
                return error
            }
            // Everything was copied; without this the library's memory grows for ever.
            amqp_maybe_release_buffers(connection)
        }
        return nil
    }

    private func event(_ frame: amqp_frame_t) throws(AMQPError) -> LinkEvent? {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD:
            return try method(frame.payload.method)
        case AMQP_FRAME_HEADER:
            let header = frame.payload.properties
            guard header.class_id == UInt16(AMQP_BASIC_CLASS), let decoded = header.decoded else { return nil }
            let properties = ContentProperties(decoded.load(as: amqp_basic_properties_t.self))
            return try content.header(bodyBytes: header.body_size, properties: properties).map(Self.event)
        case AMQP_FRAME_BODY:
            return try content.fragment(frame.payload.body_fragment.buffer).map(Self.event)
        default:
            return nil
        }
    }

    private static func event(_ content: ContentAssembly.Content) -> LinkEvent {
        let properties = content.properties
        switch content.origin {
        case .returned:
            return .returned(publishTag: UInt64(properties.correlationID))
        case .delivery(let tag, let queue, let routingKey, let redelivered, let left):
            let delivery = Delivery(
                body: content.body, messageID: properties.messageID, contentType: properties.contentType,
                type: properties.type, headers: properties.headers, routingKey: routingKey, queue: queue,
                redelivered: redelivered, deliveryCount: properties.deliveryCount)
            return .delivered(tag: tag, delivery, isTooLarge: content.isTooLarge, left: left)
        }
    }

    /// The queue whose answer is due.
    private func answerer() throws(AMQPError) -> String {
        guard let queue = asked.popFirst() else { throw AMQPError(.protocolViolation, "an answer without a question") }
        return queue
    }

    private func method(_ method: amqp_method_t) throws(AMQPError) -> LinkEvent? {
        guard let decoded = method.decoded else { return nil }
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD:
            let deliver = decoded.load(as: amqp_basic_deliver_t.self)
            try content.begin(
                .delivery(
                    tag: deliver.delivery_tag, queue: ConsumerTag.queue(deliver.consumer_tag.text),
                    routingKey: deliver.routing_key.text, redelivered: deliver.redelivered != 0))
            return nil
        case AMQP_BASIC_GET_OK_METHOD:
            let answer = decoded.load(as: amqp_basic_get_ok_t.self)
            try content.begin(
                .delivery(
                    tag: answer.delivery_tag, queue: try answerer(), routingKey: answer.routing_key.text,
                    redelivered: answer.redelivered != 0, left: Int(answer.message_count)))
            return nil
        case AMQP_BASIC_GET_EMPTY_METHOD:
            return .wasEmpty(queue: try answerer())
        case AMQP_BASIC_RETURN_METHOD:
            try content.begin(.returned)
            return nil
        case AMQP_BASIC_ACK_METHOD:
            let ack = decoded.load(as: amqp_basic_ack_t.self)
            return .confirm(tag: ack.delivery_tag, multiple: ack.multiple != 0, accepted: true)
        case AMQP_BASIC_NACK_METHOD:
            let nack = decoded.load(as: amqp_basic_nack_t.self)
            return .confirm(tag: nack.delivery_tag, multiple: nack.multiple != 0, accepted: false)
        case AMQP_BASIC_CONSUME_OK_METHOD:
            return .consuming(
                queue: ConsumerTag.queue(decoded.load(as: amqp_basic_consume_ok_t.self).consumer_tag.text))
        case AMQP_BASIC_CANCEL_OK_METHOD:
            return .cancelled(queue: ConsumerTag.queue(decoded.load(as: amqp_basic_cancel_ok_t.self).consumer_tag.text))
        case AMQP_BASIC_CANCEL_METHOD:
            return .cancelledByBroker(
                queue: ConsumerTag.queue(decoded.load(as: amqp_basic_cancel_t.self).consumer_tag.text))
        case AMQP_CONNECTION_BLOCKED_METHOD:
            return .blocked(reason: decoded.load(as: amqp_connection_blocked_t.self).reason.text)
        case AMQP_CONNECTION_UNBLOCKED_METHOD:
            return .unblocked
        case AMQP_CHANNEL_CLOSE_METHOD, AMQP_CONNECTION_CLOSE_METHOD:
            return .closed(Self.closed(method))
        default:
            return nil
        }
    }
}
