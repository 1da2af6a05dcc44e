package import Logging
import ServiceLifecycle

/// Consumes queues and settles each delivery by the value its handler returns.
///
/// Owns one connection, on its own thread, with one channel for all its queues, and makes new ones for ever when they
/// break or a queue does not exist yet. Subscribed to several queues that wake at the same time, it may be sent more
/// than it can handle; that goes back at once.
///
/// A handler whose channel dies is not cancelled; what it returns is then dropped, and the broker delivers the message
/// again, to this or another consumer.
package final class AMQPConsumer: Service, Sendable {
    private enum Handler: Sendable {
        case single(@Sendable (Delivery, DeliverySlot) async -> Disposition)
        case batch(count: Int, linger: Duration, @Sendable ([Delivery]) async -> [Disposition])
    }

    private let logger: Logger
    private let handler: Handler
    private let ledger: ConsumerLedger
    private let connection: AMQPConnection<ConsumerTraffic>
    /// Raised for work on the connection.
    private let wake = Signal()
    /// Raised once, to end the pauses between attempts.
    private let stop = Signal()

    /// Handles deliveries one by one, up to `prefetch` at once, and holds no more than those, of all queues together.
    ///
    /// - Parameters:
    ///   - ranks: While messages wait in a queue of an earlier rank, none is taken from a later one, but one in so many
    ///     as ``QueueTurns/inRowMax`` says; the queues of one rank take turns.
    ///   - prefetch: 1...65535.
    ///   - releasesMax: So many deliveries more, 0 or more, may be held while their slots are given to others, see
    ///     ``DeliverySlot/release()``. For two queues or more: of a single one the broker keeps the count.
    ///   - bodyBytesMax: A message with a larger body, in bytes, is rejected and never held in memory.
    ///   - whenTooLarge: Called for each of those, on the connection's thread: must not wait.
    package convenience init(
        configuration: AMQPConfiguration, ranks: [[String]], prefetch: Int, releasesMax: Int = 0,
        bodyBytesMax: Int = AMQPConfiguration.bodyBytesMax, whenTooLarge: @escaping @Sendable () -> Void = {},
        logger: Logger, handler: @escaping @Sendable (Delivery, DeliverySlot) async -> Disposition
    ) {
        self.init(
            configuration: configuration, ranks: ranks, prefetch: prefetch, releasesMax: releasesMax,
            bodyBytesMax: bodyBytesMax, whenTooLarge: whenTooLarge, logger: logger, handler: Handler.single(handler))
    }

    /// Handles the deliveries of a queue in batches, one batch at a time, in their order.
    ///
    /// A batch has up to `batchMax` deliveries; a smaller one is handed over `batchWait` after its first delivery.
    /// - Parameters:
    ///   - prefetch: `batchMax`...65535.
    ///   - bodyBytesMax: A message with a larger body, in bytes, is rejected and never held in memory.
    ///   - whenTooLarge: Called for each of those, on the connection's thread: must not wait.
    ///   - batchHandler: Returns one disposition for each delivery, in the same order.
    package convenience init(
        configuration: AMQPConfiguration, queue: String, prefetch: Int, batchMax: Int, batchWait: Duration,
        bodyBytesMax: Int = AMQPConfiguration.bodyBytesMax, whenTooLarge: @escaping @Sendable () -> Void = {},
        logger: Logger, batchHandler: @escaping @Sendable ([Delivery]) async -> [Disposition]
    ) {
        precondition((1...prefetch).contains(batchMax), "a batch larger than the prefetch never fills")
        self.init(
            configuration: configuration, ranks: [[queue]], prefetch: prefetch, releasesMax: 0,
            bodyBytesMax: bodyBytesMax, whenTooLarge: whenTooLarge, logger: logger,
            handler: Handler.batch(count: batchMax, linger: batchWait, batchHandler))
    }

    private init(
        configuration: AMQPConfiguration, ranks: [[String]], prefetch: Int, releasesMax: Int, bodyBytesMax: Int,
        whenTooLarge: @escaping @Sendable () -> Void, logger: Logger, handler: Handler
    ) {
        let queues = ranks.flatMap { $0 }
        precondition((1...Int(UInt16.max)).contains(prefetch), "the prefetch must be in 1...65535")
        precondition(!queues.isEmpty && Set(queues).count == queues.count, "queues are named once each")
        var logger = logger
        logger[metadataKey: "amqp.connection"] = "\(configuration.connectionName)"
        logger[metadataKey: "amqp.queues"] = "\(queues.joined(separator: " "))"
        self.logger = logger
        self.handler = handler
        ledger = ConsumerLedger(handledMax: prefetch, releasedMax: releasesMax)
        let flow = ConsumerTraffic(
            ranks: ranks, prefetch: UInt16(prefetch), bodyBytesMax: bodyBytesMax, whenTooLarge: whenTooLarge,
            ledger: ledger, logger: logger)
        connection = AMQPConnection(name: "amqp-consume", configuration: configuration, flow: flow, wake: wake)
    }

    /// Whether a channel is open, consuming or paused; false while it reconnects.
    package var isConnected: Bool { ledger.isConnected }

    package var statistics: ConsumerStatistics { ledger.statistics }

    /// Takes no new deliveries until ``resume()``; running handlers go on, and what has already arrived is handled.
    package func pause() {
        ledger.setPaused(true)
        wake.raise()
    }

    package func resume() {
        ledger.setPaused(false)
        wake.raise()
    }

    /// Consumes until shut down: then no delivery is handed out any more, running handlers finish and settle.
    package func run() async throws {
        ledger.start()
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.handleDeliveries() }
                await self.keepConnected()
            }
        } onGracefulShutdown: {
            self.ledger.beginStopping()
            self.stop.raise()
            self.wake.raise()
        }
        await connection.drop()
    }

    // MARK: connection

    private func keepConnected() async {
        var backoff = Backoff()
        while ledger.phase == .running && !Task.isCancelled {
            let start = ContinuousClock.now
            do throws(AMQPError) {
                try await connection.open()
                logger.info("Consumer connected")
                try await serve()
                await connection.close()
            } catch {
                logger.warning("Consumer has no channel", metadata: ["error": "\(error)"])
            }
            if start.duration(to: .now) > Backoff.healthyAfter { backoff.reset() }
            if ledger.phase == .running { await stop.wait(atMost: backoff.next()) }
        }
    }

    private func serve() async throws(AMQPError) {
        wake.raise()
        while ledger.phase != .drained && !Task.isCancelled {
            await wake.wait()
            try await connection.pump()
        }
    }

    // MARK: handlers

    private func handleDeliveries() async {
        switch handler {
        case .single(let handle): await handleOneByOne(handle)
        case .batch(let count, let linger, let handle): await handleBatches(of: count, linger: linger, handle)
        }
        ledger.drained()
        wake.raise()
    }

    private func handleOneByOne(_ handle: @escaping @Sendable (Delivery, DeliverySlot) async -> Disposition) async {
        await withDiscardingTaskGroup { group in
            while let parcels = await ledger.buffer.take() {
                for parcel in parcels {
                    let slot = DeliverySlot(ledger.buffer, wake: wake)
                    group.addTask {
                        let disposition = await handle(parcel.delivery, slot)
                        self.ledger.settle([parcel], as: [disposition])
                        slot.end()
                    }
                }
            }
        }
    }

    private func handleBatches(
        of count: Int, linger: Duration, _ handle: @Sendable ([Delivery]) async -> [Disposition]
    ) async {
        while let parcels = await ledger.buffer.takeBatch(of: count, linger: linger) {
            let dispositions = await handle(parcels.map(\.delivery))
            precondition(dispositions.count == parcels.count, "one disposition for each delivery")
            ledger.settle(parcels, as: dispositions)
            ledger.buffer.finish(parcels.count)
            wake.raise()
        }
    }
}
