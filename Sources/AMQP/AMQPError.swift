/// What went wrong between this process and the broker.
package struct AMQPError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: String, Sendable {
        /// The URL or another setting cannot be used.
        case invalidConfiguration
        /// The message breaks a limit of the protocol or of this library; it was not sent.
        case invalidMessage
        /// The broker could not be reached.
        case connectFailed
        /// The broker refused the user, the password, the vhost or the operation.
        case accessRefused
        /// The connection is gone. For a publish: the message was not sent.
        case connectionLost
        /// The broker closed the channel.
        case channelClosed
        /// The queue or exchange does not exist.
        case notFound
        /// A queue or exchange exists with other arguments.
        case preconditionFailed
        /// The outcome of a publish is unknown: the message may or may not be in its queues.
        case notConfirmed
        /// The broker has no memory or disk left and takes no messages; nothing was sent.
        case blocked
        /// Too many publishes wait already; nothing was sent.
        case overloaded
        /// The publisher has been shut down; nothing was sent.
        case closed
        /// The broker broke the protocol.
        case protocolViolation
    }

    package let code: Code
    package let detail: String
    package let cause: (any Error)?

    package init(_ code: Code, _ detail: String, cause: (any Error)? = nil) {
        self.code = code
        self.detail = detail
        self.cause = cause
    }

    /// Whether the same call can succeed later without anyone changing anything.
    package var isTransient: Bool {
        switch code {
        case .connectFailed, .connectionLost, .channelClosed, .notConfirmed, .blocked, .overloaded: true
        case .invalidConfiguration, .invalidMessage, .accessRefused, .notFound, .preconditionFailed, .closed,
            .protocolViolation:
            false
        }
    }

    package var description: String {
        "AMQPError.\(code.rawValue): \(detail)" + (cause.map { " (cause: \($0))" } ?? "")
    }
}
