/// What the broker said, in values that outlive the library's buffers.
enum LinkEvent {
    case delivered(tag: UInt64, Delivery, isTooLarge: Bool)
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
