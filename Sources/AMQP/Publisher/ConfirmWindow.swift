import DequeModule

/// The publishes of one channel that the broker has not confirmed, by delivery tag.
///
/// Tags start at 1 with each channel.
struct ConfirmWindow<Payload> {
    private enum Slot {
        case open(Payload, isReturned: Bool)
        /// Confirmed ahead of an older one.
        case settled
    }

    let capacity: Int
    /// The tag of the first slot.
    private var firstTag: UInt64 = 1
    private var slots: Deque<Slot> = []
    /// The number of unconfirmed publishes.
    private(set) var count = 0

    init(capacity: Int) {
        precondition(capacity > 0, "a window takes at least one publish")
        self.capacity = capacity
    }

    /// Whether no more may be sent; slots behind the oldest unconfirmed one count too, so that memory is bounded.
    var isFull: Bool { slots.count >= capacity }

    /// The unconfirmed publish that was sent first.
    var oldest: Payload? {
        guard case .open(let payload, _) = slots.first else { return nil }
        return payload
    }

    /// Adds the publish that is sent next and returns its tag.
    mutating func append(_ payload: Payload) -> UInt64 {
        precondition(!isFull, "the window is full")
        slots.append(.open(payload, isReturned: false))
        count += 1
        return firstTag + UInt64(slots.count) - 1
    }

    /// The broker could not route this publish; its confirm follows.
    ///
    /// Unknown tags are ignored.
    mutating func markReturned(_ tag: UInt64) {
        guard let index = index(of: tag), case .open(let payload, _) = slots[index] else { return }
        slots[index] = .open(payload, isReturned: true)
    }

    /// The broker confirmed or refused this publish or, with `multiple`, all up to it.
    /// - Returns: the publishes that this settles, oldest first, or `nil` for a tag that was never sent.
    mutating func settle(_ tag: UInt64, multiple: Bool) -> [(payload: Payload, isReturned: Bool)]? {
        let endTag = firstTag + UInt64(slots.count)
        // Tag 0 with multiple means all.
        let tag = tag == 0 && multiple ? endTag - 1 : tag
        guard tag < endTag else { return nil }
        var settled: [(payload: Payload, isReturned: Bool)] = []
        if multiple {
            while firstTag <= tag, let slot = slots.popFirst() {
                firstTag += 1
                if case .open(let payload, let isReturned) = slot { settled.append((payload, isReturned)) }
            }
        } else if let index = index(of: tag), case .open(let payload, let isReturned) = slots[index] {
            slots[index] = .settled
            settled.append((payload, isReturned))
        }
        while case .settled = slots.first {
            slots.removeFirst()
            firstTag += 1
        }
        count -= settled.count
        return settled
    }

    /// Changes every unconfirmed publish from the oldest on, for as long as `body` returns true.
    mutating func forEachOldest(while body: (inout Payload) -> Bool) {
        for index in slots.indices {
            guard case .open(var payload, let isReturned) = slots[index] else { continue }
            let goesOn = body(&payload)
            slots[index] = .open(payload, isReturned: isReturned)
            if !goesOn { return }
        }
    }

    /// The channel is gone: returns what stays unknown, oldest first, and starts again at tag 1.
    mutating func reset() -> [Payload] {
        let unknown = slots.compactMap { slot in
            if case .open(let payload, _) = slot { payload } else { nil }
        }
        self = ConfirmWindow(capacity: capacity)
        return unknown
    }

    private func index(of tag: UInt64) -> Int? {
        guard tag >= firstTag, tag < firstTag + UInt64(slots.count) else { return nil }
        return Int(tag - firstTag)
    }
}
