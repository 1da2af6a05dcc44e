import Synchronization

/// What the consumer's tasks and its connection's thread tell each other.
final class ConsumerLedger: Sendable {
    enum Phase { case idle, running, stopping, drained }

    private struct State {
        var book = SettlementBook()
        var phase = Phase.idle
        var isConnected = false
        var isPaused = false
        var statistics = ConsumerStatistics()
    }

    let buffer: DeliveryBuffer
    private let state = Mutex(State())

    init(handledMax: Int, releasedMax: Int) {
        buffer = DeliveryBuffer(handledMax: handledMax, releasedMax: releasedMax)
    }

    var isConnected: Bool { state.withLock { $0.isConnected } }
    var phase: Phase { state.withLock { $0.phase } }
    /// Whether deliveries are wanted.
    var wantsDeliveries: Bool { state.withLock { !$0.isPaused && $0.phase == .running } }

    var statistics: ConsumerStatistics {
        var statistics = state.withLock { $0.statistics }
        statistics.handling = buffer.handledCount
        return statistics
    }

    func start() {
        state.withLock { state in
            precondition(state.phase == .idle, "a consumer runs once")
            state.phase = .running
        }
    }

    /// Hands out no more deliveries; those being handled are seen through.
    func beginStopping() {
        state.withLock { $0.phase = .stopping }
        buffer.close()
    }

    /// All handlers have returned.
    func drained() { state.withLock { $0.phase = .drained } }

    func setPaused(_ isPaused: Bool) { state.withLock { $0.isPaused = isPaused } }

    // MARK: the connection's side

    func connected() {
        state.withLock { state in
            state.book.beginGeneration()
            state.isConnected = true
            state.statistics.connects += 1
        }
    }

    func disconnected() {
        state.withLock { state in
            state.book.beginGeneration()
            state.isConnected = false
        }
        buffer.discard()
    }

    /// Notes a delivery and says how to hand it on; `nil` when its tag is out of order.
    func delivered(_ delivery: Delivery, tag: UInt64) -> DeliveryBuffer.Parcel? {
        state.withLock { state in
            guard state.book.deliver(tag) else { return nil }
            state.statistics.delivered += 1
            return DeliveryBuffer.Parcel(delivery: delivery, tag: tag, generation: state.book.generation)
        }
    }

    func countTooLarge() { state.withLock { $0.statistics.tooLarge += 1 } }
    func takeOrders() -> [SettlementBook.Order] { state.withLock { $0.book.takeOrders() } }

    // MARK: the handlers' side

    func settle(_ parcels: [DeliveryBuffer.Parcel], as dispositions: [Disposition]) {
        state.withLock { state in
            for (parcel, disposition) in zip(parcels, dispositions) {
                if state.book.settle(parcel.tag, generation: parcel.generation, as: disposition) {
                    state.statistics.count(disposition)
                } else {
                    state.statistics.settledTooLate += 1
                }
            }
        }
    }
}
