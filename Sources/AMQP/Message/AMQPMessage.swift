/// A message to publish; it is always persistent.
package struct AMQPMessage: Sendable, Equatable {
    /// At most ``AMQPConfiguration/bodyBytesMax`` bytes; keep it far smaller: ids and small parameters.
    package var body: [UInt8]
    /// Stays the same when the message is published again, so that consumers can tell.
    package var messageID: String
    package var contentType: String
    /// The name of what the body says, for consumers of more than one kind.
    package var type: String
    /// Seconds since 1970.
    package var timestamp: UInt64?
    package var headers: [String: String]
    /// 0...255, best effort; 5 and more is high on brokers that know two classes.
    package var priority: UInt8?

    package init(
        body: [UInt8], messageID: String, contentType: String = "application/octet-stream", type: String = "",
        timestamp: UInt64? = nil, headers: [String: String] = [:], priority: UInt8? = nil
    ) {
        self.body = body
        self.messageID = messageID
        self.contentType = contentType
        self.type = type
        self.timestamp = timestamp
        self.headers = headers
        self.priority = priority
    }

    /// The protocol's limit on names and short properties, in bytes.
    static let shortTextBytesMax = 255
    /// Keys and values together, so that all properties fit into one frame.
    static let headerBytesMax = 64 * 1024

    /// Why the message cannot be sent, if so: a broken limit found half-way through sending would cost the connection.
    func refusal(exchange: String, routingKey: String) -> AMQPError? {
        let short = [
            ("exchange", exchange), ("routing key", routingKey), ("message id", messageID),
            ("content type", contentType), ("type", type),
        ]
        for (name, text) in short where text.utf8.count > Self.shortTextBytesMax {
            return AMQPError(.invalidMessage, "the \(name) is longer than \(Self.shortTextBytesMax) bytes")
        }
        if body.count > AMQPConfiguration.bodyBytesMax {
            return AMQPError(.invalidMessage, "the body is larger than \(AMQPConfiguration.bodyBytesMax) bytes")
        }
        var headerBytes = 0
        for (key, value) in headers {
            if key.utf8.count > Self.shortTextBytesMax {
                return AMQPError(.invalidMessage, "a header's name is longer than \(Self.shortTextBytesMax) bytes")
            }
            headerBytes += key.utf8.count + value.utf8.count
        }
        if headerBytes > Self.headerBytesMax {
            return AMQPError(.invalidMessage, "the headers are larger than \(Self.headerBytesMax) bytes")
        }
        return nil
    }
}
