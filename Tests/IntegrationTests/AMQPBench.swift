import AMQP
import Foundation
import Logging
import ServiceLifecycle
import Testing

/// What a test of the broker starts with: names of its own, and services that end with the test.
struct AMQPBench {
    let configuration: AMQPConfiguration
    let topology: Topology
    let exchange: String
    let queue: String
    let deadQueue: String
    let publisher: AMQPPublisher
    let logger: Logger

    /// The queue is a quorum queue bound to the exchange by its own name; refused messages go to the dead queue.
    init(
        deliveryLimit: Int? = nil, maxLength: Int? = nil, throughPort port: Int? = nil,
        adjust: (inout AMQPConfiguration) -> Void = { _ in }, heartbeat: Duration = .seconds(10)
    ) throws {
        let name = "test.\(UUID().uuidString.lowercased())"
        (exchange, queue, deadQueue) = ("\(name).x", "\(name).q", "\(name).dead")
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        if ProcessInfo.processInfo.environment["AMQP_TEST_LOG"] != nil {
            logger = Logger(label: name) { StreamLogHandler.standardError(label: $0) }
        }
        self.logger = logger
        topology = Topology(
            exchanges: [.init(name: exchange, kind: .direct)],
            queues: [
                .init(
                    name: queue, deadLetterExchange: exchange, deadLetterRoutingKey: deadQueue,
                    deliveryLimit: deliveryLimit, maxLength: maxLength),
                .init(name: deadQueue),
            ],
            bindings: [
                .init(queue: queue, exchange: exchange, routingKey: queue),
                .init(queue: deadQueue, exchange: exchange, routingKey: deadQueue),
            ])
        var url = try Self.brokerURL()
        if let port { url = try Self.url(url, throughPort: port) }
        var configuration = try AMQPConfiguration(url: url, connectionName: name, heartbeat: heartbeat)
        adjust(&configuration)
        self.configuration = configuration
        publisher = AMQPPublisher(configuration: configuration, topology: topology, logger: logger)
    }

    static func brokerURL() throws -> String {
        try #require(ProcessInfo.processInfo.environment["AMQP_URL"], "AMQP_URL names the broker to test with")
    }

    /// The same URL with the port of a proxy on this machine.
    static func url(_ url: String, throughPort port: Int) throws -> String {
        let at = try #require(url.lastIndex(of: "@"))
        let rest = url[url.index(after: at)...]
        let path = rest.firstIndex(of: "/").map { rest[$0...] } ?? ""
        return "\(url[...at])127.0.0.1:\(port)\(path)"
    }

    func consumer(
        prefetch: Int = 10, queue: String? = nil, bodyBytesMax: Int = AMQPConfiguration.bodyBytesMax,
        handler: @escaping @Sendable (Delivery) async -> Disposition
    ) -> AMQPConsumer {
        AMQPConsumer(
            configuration: configuration, ranks: [[queue ?? self.queue]], prefetch: prefetch,
            bodyBytesMax: bodyBytesMax, logger: logger
        ) { delivery, _ in await handler(delivery) }
    }

    func publish(_ id: String = "m", body: [UInt8] = [1]) async throws -> PublishOutcome {
        try await publisher.publish(AMQPMessage(body: body, messageID: id), exchange: exchange, routingKey: queue)
    }

    func publish(ids: [String]) async -> [Result<PublishOutcome, AMQPError>] {
        await publisher.publish(ids.map { (AMQPMessage(body: [1], messageID: $0), exchange, queue) })
    }

    /// Runs the publisher and other services around `body`, shuts them down gracefully, and deletes the topology.
    func run(_ services: any Service..., body: () async throws -> Void) async throws {
        try await Self.run([publisher] + services, logger: logger) {
            try await until("the publisher is connected") { publisher.isConnected }
            try await body()
        }
        let owner = try AMQPConfiguration(url: Self.brokerURL())
        try await AMQPPublisher(configuration: owner, logger: logger).delete(topology)
    }

    static func run(_ services: [any Service], logger: Logger, body: () async throws -> Void) async throws {
        let group = ServiceGroup(services: services, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try result.get()
        }
    }
}

/// Waits, for a limited time, for something that others bring about.
func until(
    _ what: Comment, within limit: Duration = .seconds(20), at location: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, what, sourceLocation: location)
        try await Task.sleep(for: .milliseconds(20))
    }
}
