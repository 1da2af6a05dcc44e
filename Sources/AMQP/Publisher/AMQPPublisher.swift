package import Logging
import ServiceLifecycle

/// Publishes messages and knows what became of them.
///
/// Owns one connection, on its own thread, with one channel in confirm mode, and makes new ones for ever when they
/// break. Messages are mandatory and persistent. Run it as a service; any number of tasks may publish at once.
package final class AMQPPublisher: Service, Sendable {
    /// How often callers that have waited long enough are told.
    private static let expiryInterval: Duration = .milliseconds(100)

    private let configuration: AMQPConfiguration
    private let topology: Topology?
    private let logger: Logger
    private let ledger: PublishLedger
    private let connection: AMQPConnection<PublisherTraffic>
    private let control: BrokerControl
    /// Raised for work on the connection.
    private let wake = Signal()
    /// Raised once, to end the pauses between attempts.
    private let stop = Signal()

    /// `topology` is declared before every connection, by the one owner of the topology; others pass `nil`.
    package init(configuration: AMQPConfiguration, topology: Topology? = nil, logger: Logger) {
        var logger = logger
        logger[metadataKey: "amqp.connection"] = "\(configuration.connectionName)"
        self.configuration = configuration
        self.topology = topology
        self.logger = logger
        ledger = PublishLedger(unconfirmedMax: configuration.unconfirmedMax, queuedMax: configuration.queuedMax)
        let flow = PublisherTraffic(ledger: ledger, confirmTimeout: configuration.confirmTimeout, logger: logger)
        connection = AMQPConnection(name: "amqp-publish", configuration: configuration, flow: flow, wake: wake)
        control = BrokerControl(configuration: configuration)
    }

    /// Whether a channel is open; false while it reconnects.
    package var isConnected: Bool { ledger.isConnected }

    /// Whether the broker takes no messages because of a memory or disk alarm.
    package var isBlocked: Bool { ledger.isBlocked }

    package var statistics: PublisherStatistics { ledger.statistics }

    /// Publishes one message and waits for the broker's confirm, for at most `confirmTimeout`, cancelled or not.
    /// - Throws: `.notConfirmed` when the outcome is unknown (publish again with the same message id);
    ///   anything else when the message was not sent.
    package func publish(
        _ message: AMQPMessage, exchange: String, routingKey: String
    ) async throws(AMQPError) -> PublishOutcome {
        if let refusal = message.refusal(exchange: exchange, routingKey: routingKey) { throw refusal }
        let deadline = ContinuousClock.now + configuration.confirmTimeout
        let result = await withCheckedContinuation { continuation in
            ledger.enqueue([
                PublishBook.Request(
                    message: message, exchange: exchange, routingKey: routingKey, deadline: deadline,
                    waiter: .call(continuation))
            ])
            wake.raise()
        }
        return try result.get()
    }

    /// Publishes messages together, which is faster than one by one; the results are in the order of `messages`.
    package func publish(
        _ messages: [(AMQPMessage, exchange: String, routingKey: String)]
    ) async -> [Result<PublishOutcome, AMQPError>] {
        let deadline = ContinuousClock.now + configuration.confirmTimeout
        let batch = PublishBatch(count: messages.count)
        var requests: [PublishBook.Request] = []
        requests.reserveCapacity(messages.count)
        for (index, (message, exchange, routingKey)) in messages.enumerated() {
            if let refusal = message.refusal(exchange: exchange, routingKey: routingKey) {
                batch.set(.failure(refusal), at: index)
                continue
            }
            requests.append(
                PublishBook.Request(
                    message: message, exchange: exchange, routingKey: routingKey, deadline: deadline,
                    waiter: .item(batch, index: index)))
        }
        ledger.enqueue(requests)
        wake.raise()
        return await batch.results()
    }

    /// The number of messages ready in a queue, asked on a short-lived connection.
    /// - Throws: `.notFound` when there is no such queue.
    package func messageCount(queue: String) async throws(AMQPError) -> Int {
        guard let count = try await control.messageCounts(queues: [queue])[queue] else {
            throw AMQPError(.notFound, "no queue \(queue)")
        }
        return count
    }

    /// The numbers of messages ready in several queues, all asked on one connection; missing queues are left out.
    package func messageCounts(queues: [String]) async throws(AMQPError) -> [String: Int] {
        try await control.messageCounts(queues: queues)
    }

    /// Declares a topology now, for instance after an unroutable publish.
    /// - Throws: `.preconditionFailed` when something of it exists with other arguments.
    package func declare(_ topology: Topology) async throws(AMQPError) {
        try await control.declare(topology)
    }

    /// Deletes the queues, with what is in them, and the exchanges of a topology; missing ones are no error.
    package func delete(_ topology: Topology) async throws(AMQPError) {
        try await control.delete(topology)
    }

    /// Keeps connected until shut down: then no publish is taken any more, and those taken are seen through.
    package func run() async throws {
        ledger.start()
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.expireWaiters() }
                await self.keepConnected()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.ledger.beginClosing()
            self.stop.raise()
            self.wake.raise()
        }
        await connection.drop()
        ledger.end()
    }

    private var isStopping: Bool { ledger.phase == .closing || Task.isCancelled }

    private func keepConnected() async {
        var backoff = Backoff()
        while !isStopping {
            let start = ContinuousClock.now
            do throws(AMQPError) {
                try await declareTopology()
                try await connection.open()
                logger.info("Publisher connected")
                try await serve()
                await connection.close()
            } catch {
                logger.warning("Publisher has no connection", metadata: ["error": "\(error)"])
            }
            if start.duration(to: .now) > Backoff.healthyAfter { backoff.reset() }
            if !isStopping { await stop.wait(atMost: backoff.next()) }
        }
    }

    private func declareTopology() async throws(AMQPError) {
        guard let topology else { return }
        do throws(AMQPError) {
            try await control.declare(topology)
        } catch {
            guard error.code == .preconditionFailed else { throw error }
            // Publishing to what exists beats not publishing; unroutable messages are noticed.
            logger.error("Topology differs from what exists", metadata: ["error": "\(error)"])
        }
    }

    private func serve() async throws(AMQPError) {
        wake.raise()
        while !Task.isCancelled, ledger.phase == .running || !ledger.isIdle {
            await wake.wait()
            try await connection.pump()
        }
    }

    private func expireWaiters() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.expiryInterval)
            ledger.expire()
            if ledger.phase == .closing { wake.raise() }
        }
    }
}
