/// What the broker said of a published message.
package enum PublishOutcome: Sendable, Equatable {
    /// The message is in every queue it was routed to, safely.
    case confirmed
    /// No queue is bound for it: the message is gone.
    case unroutable
    /// A queue refused it (`basic.nack`), being full for instance: the message is gone.
    case refused
}
