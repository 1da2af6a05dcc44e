import Synchronization

/// The publisher's book behind a lock: callers, the connection's thread and the clock all write in it.
final class PublishLedger: Sendable {
    private let book: Mutex<PublishBook>

    init(unconfirmedMax: Int, queuedMax: Int) {
        book = Mutex(PublishBook(unconfirmedMax: unconfirmedMax, queuedMax: queuedMax))
    }

    var isIdle: Bool { book.withLock { $0.isIdle } }
    var isConnected: Bool { book.withLock { $0.isConnected } }
    var isBlocked: Bool { book.withLock { $0.isBlocked } }
    var phase: PublishBook.Phase { book.withLock { $0.phase } }

    var statistics: PublisherStatistics {
        book.withLock { book in
            var statistics = book.statistics
            statistics.queued = book.queuedCount
            statistics.unconfirmed = book.unconfirmedCount
            return statistics
        }
    }

    func start() { book.withLock { $0.start() } }
    func beginClosing() { book.withLock { $0.beginClosing() } }
    func end() { resolve { $0.end() } }
    func connected() { book.withLock { $0.connected(at: .now) } }
    func disconnected(_ error: AMQPError) { resolve { $0.disconnected(error) } }
    func setBlocked(_ isBlocked: Bool) { book.withLock { $0.setBlocked(isBlocked, at: .now) } }
    func takeOutgoing() -> [PublishBook.Outgoing] { book.withLock { $0.takeOutgoing() } }
    func returned(_ tag: UInt64) { book.withLock { $0.returned(tag) } }
    func expire() { resolve { $0.expire(at: .now) } }
    func isStalled(limit: Duration) -> Bool { book.withLock { $0.isStalled(at: .now, limit: limit) } }

    /// Queues the requests; the refused ones are told at once.
    func enqueue(_ requests: [PublishBook.Request]) {
        resolve { book in
            requests.compactMap { request in book.enqueue(request).map { (request.waiter, .failure($0)) } }
        }
    }

    /// Returns false for a tag that was never sent.
    func confirm(tag: UInt64, multiple: Bool, accepted: Bool) -> Bool {
        let resolutions = book.withLock { book in
            book.confirm(tag: tag, multiple: multiple, accepted: accepted, at: .now)
        }
        guard let resolutions else { return false }
        for (waiter, result) in resolutions { waiter.resume(with: result) }
        return true
    }

    private func resolve(_ body: (inout PublishBook) -> [PublishBook.Resolution]) {
        // Outside the lock: a resumed caller may publish again at once.
        for (waiter, result) in book.withLock({ body(&$0) }) { waiter.resume(with: result) }
    }
}
