import DequeModule

/// The deliveries of one channel that are not settled with the broker, by tag.
///
/// No I/O. Tags belong to the channel they came on: each channel is a new generation, and what is settled for an older
/// one is dropped, since the broker delivers those messages again.
struct SettlementBook {
    /// What to tell the broker, in this order.
    enum Order: Equatable {
        /// With `multiple`, all older unsettled deliveries too.
        case ack(tag: UInt64, multiple: Bool)
        case reject(tag: UInt64, requeue: Bool)
        case handBack(tag: UInt64)
    }

    private enum Slot: Equatable {
        case open
        case settled(Disposition)
        /// The broker has been told.
        case told
    }

    private(set) var generation = 0
    private var firstTag: UInt64 = 1
    private var slots: Deque<Slot> = []
    /// Settled since the last ``takeOrders()``.
    private var changed: [UInt64] = []

    /// The number of deliveries that nobody has settled.
    private(set) var openCount = 0

    /// Starts the next generation.
    mutating func beginGeneration() {
        self = SettlementBook(generation: generation + 1)
    }

    init() {}

    private init(generation: Int) { self.generation = generation }

    /// Notes a delivery; returns false when its tag is not the next one.
    mutating func deliver(_ tag: UInt64) -> Bool {
        guard tag == firstTag + UInt64(slots.count) else { return false }
        slots.append(.open)
        openCount += 1
        return true
    }

    /// Returns false when there is nothing to settle any more: an older generation, or settled before.
    mutating func settle(_ tag: UInt64, generation: Int, as disposition: Disposition) -> Bool {
        guard generation == self.generation, let index = index(of: tag), slots[index] == .open else { return false }
        slots[index] = .settled(disposition)
        changed.append(tag)
        openCount -= 1
        return true
    }

    /// What the broker is to be told now: one ack for all that is accepted without a gap, the rest one by one.
    mutating func takeOrders() -> [Order] {
        guard !changed.isEmpty else { return [] }
        var orders: [Order] = []
        var lastAccepted: UInt64?
        var acceptedCount = 0
        while let slot = slots.first, slot != .open {
            if case .settled(let disposition) = slot {
                if let order = Self.refusal(firstTag, disposition) {
                    // Before the ack, which would cover it.
                    orders.append(order)
                } else {
                    lastAccepted = firstTag
                    acceptedCount += 1
                }
            }
            slots.removeFirst()
            firstTag += 1
        }
        if let lastAccepted { orders.append(.ack(tag: lastAccepted, multiple: acceptedCount > 1)) }
        for tag in changed {
            guard let index = index(of: tag), case .settled(let disposition) = slots[index] else { continue }
            orders.append(Self.refusal(tag, disposition) ?? .ack(tag: tag, multiple: false))
            slots[index] = .told
        }
        changed = []
        return orders
    }

    private static func refusal(_ tag: UInt64, _ disposition: Disposition) -> Order? {
        switch disposition {
        case .accept: nil
        case .requeue: .reject(tag: tag, requeue: true)
        case .handBack: .handBack(tag: tag)
        case .reject: .reject(tag: tag, requeue: false)
        }
    }

    private func index(of tag: UInt64) -> Int? {
        guard tag >= firstTag, tag < firstTag + UInt64(slots.count) else { return nil }
        return Int(tag - firstTag)
    }
}
