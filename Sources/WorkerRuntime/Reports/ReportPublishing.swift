import AMQP
import StudioProto

/// How reports reach the broker.
package protocol ReportPublishing: Sendable {
    /// Publishes an encoded report; `id` stays the same when it is published again.
    ///
    /// - Returns: whether the broker has it safely; false or an error mean that it must be sent again.
    func publish(report: [UInt8], id: String) async throws -> Bool
}

extension AMQPPublisher: ReportPublishing {
    package func publish(report: [UInt8], id: String) async throws -> Bool {
        let message = AMQPMessage(body: report, messageID: id, contentType: Wire.contentType, type: "TaskEvent")
        let outcome = try await publish(message, exchange: Wire.eventExchange, routingKey: Wire.eventQueue)
        return outcome == .confirmed
    }
}
