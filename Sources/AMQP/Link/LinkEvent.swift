/// What the broker said, in values that outlive the library's buffers.
enum LinkEvent {
    /// Of an answer to ``Link/get(queue:)``, `left` says how many more the queue has.
    case delivered(tag: UInt64, Delivery, isTooLarge: Bool, left: Int?)
    /// The other answer to ``Link/get(queue:)``.
    case wasEmpty(queue: String)
    /// A mandatory message found no queue; its confirm follows.
    case returned(publishTag: UInt64?)
    /// `basic.ack` (`accepted`) or `basic.nack` of a publish, or of all up to it.
    case confirm(tag: UInt64, multiple: Bool, accepted: Bool)
    case consuming(queue: String)
    case cancelled(queue: String)
    /// The queue was deleted under its consumer.
    case cancelledByBroker(queue: String)
    case blocked(reason: String)
    case unblocked
    /// The channel or the connection is closed, for the given reason.
    case closed(AMQPError)
}
