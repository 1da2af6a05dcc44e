import CRabbitMQ

/// The library's and the broker's ways of saying no, as errors.
extension Link {
    /// A status code other than success: the connection cannot be used any more.
    static func lost(_ status: Int32, _ what: String) -> AMQPError {
        AMQPError(.connectionLost, "\(what): \(explanation(status))")
    }

    static func failure(_ reply: amqp_rpc_reply_t, _ what: String) -> AMQPError {
        switch reply.reply_type {
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            let closed = closed(reply.reply)
            return AMQPError(closed.code, "\(what): \(closed.detail)")
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            return lost(reply.library_error, what)
        default:
            return AMQPError(.connectionLost, "\(what): the broker closed the connection")
        }
    }

    /// What `channel.close` or `connection.close` says.
    static func closed(_ method: amqp_method_t) -> AMQPError {
        switch (method.id, method.decoded) {
        case (AMQP_CHANNEL_CLOSE_METHOD, .some(let decoded)):
            let close = decoded.load(as: amqp_channel_close_t.self)
            return closed(replyCode: Int32(close.reply_code), close.reply_text.text, otherwise: .channelClosed)
        case (AMQP_CONNECTION_CLOSE_METHOD, .some(let decoded)):
            let close = decoded.load(as: amqp_connection_close_t.self)
            return closed(replyCode: Int32(close.reply_code), close.reply_text.text, otherwise: .connectionLost)
        default:
            return AMQPError(.protocolViolation, "an answer that fits no question")
        }
    }

    private static func closed(replyCode: Int32, _ text: String, otherwise: AMQPError.Code) -> AMQPError {
        let code: AMQPError.Code =
            switch replyCode {
            case AMQP_NOT_FOUND: .notFound
            case AMQP_PRECONDITION_FAILED: .preconditionFailed
            case AMQP_ACCESS_REFUSED, AMQP_NOT_ALLOWED: .accessRefused
            default: otherwise
            }
        return AMQPError(code, "\(replyCode) \(text)")
    }

    static func unreachable(_ status: Int32, _ configuration: AMQPConfiguration) -> AMQPError {
        let address = configuration.address
        let reason =
            switch status {
            case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED.rawValue: "the name \(address.host) cannot be resolved"
            case AMQP_STATUS_TIMEOUT.rawValue: "no answer within \(configuration.connectTimeout)"
            case AMQP_STATUS_SOCKET_ERROR.rawValue: "the connection was refused or the host is unreachable"
            default: explanation(status)
            }
        return AMQPError(.connectFailed, "\(address): \(reason)")
    }

    static func loginFailure(_ reply: amqp_rpc_reply_t, _ configuration: AMQPConfiguration) -> AMQPError {
        let failure = failure(reply, "login to \(configuration.address) as \(configuration.address.user)")
        guard failure.code != .accessRefused else { return failure }
        return AMQPError(.connectFailed, failure.detail)
    }

    private static func explanation(_ status: Int32) -> String {
        amqp_error_string2(status).map { String(cString: $0) } ?? "status \(status)"
    }
}
