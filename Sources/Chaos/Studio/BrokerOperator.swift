import AMQP
import Logging
import StudioCore
import StudioProto

/// What an operator, or a stranger, can do to the broker; not through the proxy.
struct BrokerOperator: Sendable {
    private static let vhost = "/"
    private static let timeoutDefault = 1_800_000
    private static let tickDefault = 60_000

    let url: String
    let rabbitmqctl: String

    /// Throws away the messages of a queue; answers whether there was such a queue.
    func purge(_ queue: String) async throws -> Bool { try await lose(queue, by: "purge_queue") }

    /// Deletes a queue; answers whether there was such a queue.
    func delete(_ queue: String) async throws -> Bool { try await lose(queue, by: "delete_queue") }

    private func lose(_ queue: String, by command: String) async throws -> Bool {
        do {
            try await control(command, "-p", Self.vhost, queue)
            return true
        } catch let error as ChaosError where error.description.contains("not found") {
            // Whoever deleted it earlier: it is declared again with the next task of its lane.
            return false
        }
    }

    /// Lets the broker believe that it has too little memory, or enough.
    func alarm(_ isOn: Bool) async throws {
        try await control("set_vm_memory_high_watermark", isOn ? "0.00001" : "0.4")
    }

    /// Has the broker take deliveries back that are held for longer than this; nil brings back what is usual.
    ///
    /// Only channels opened afterwards look so often, so every connection is closed.
    func limitDeliveries(milliseconds: Int?) async throws {
        let timeout = milliseconds ?? Self.timeoutDefault
        let tick = milliseconds.map { max(500, $0 / 4) } ?? Self.tickDefault
        try await control(
            "eval",
            "application:set_env(rabbit, consumer_timeout, \(timeout)), "
                + "application:set_env(rabbit, channel_tick_interval, \(tick)).")
        try await control("close_all_connections", "chaos")
    }

    private func control(_ arguments: String...) async throws {
        try await Shell.run(rabbitmqctl, arguments)
    }

    /// Publishes messages as a stranger would; answers how many the broker took.
    func publish(
        _ messages: [(body: [UInt8], exchange: String, key: String)], within limit: Duration
    ) async throws -> Int {
        let publisher = AMQPPublisher(
            configuration: try AMQPConfiguration(url: url, connectionName: "chaos"), logger: ChaosStudio.silence)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            defer { group.cancelAll() }
            let deadline = ContinuousClock.now + limit
            while !publisher.isConnected, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            }
            let results = await publisher.publish(
                messages.enumerated().map { index, message in
                    (
                        AMQPMessage(body: message.body, messageID: "chaos-\(index)"), exchange: message.exchange,
                        routingKey: message.key
                    )
                })
            return results.count { (try? $0.get()) == .confirmed }
        }
    }
}
