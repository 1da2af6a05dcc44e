import DequeModule

/// The publishes that wait to be sent and those that wait for their confirm.
///
/// No I/O, no clock. Every publish is resolved exactly once: methods return whom to tell what, and the owner tells
/// them.
struct PublishBook {
    struct Request: Sendable {
        let message: AMQPMessage
        let exchange: String
        let routingKey: String
        /// When its caller stops waiting.
        let deadline: ContinuousClock.Instant
        let waiter: PublishWaiter
    }

    /// A request that has been given its tag and is to be sent now.
    struct Outgoing: Sendable {
        let tag: UInt64
        let request: Request
    }

    typealias Resolution = (waiter: PublishWaiter, result: PublishResult)

    private struct Sent {
        let exchange: String
        let deadline: ContinuousClock.Instant
        /// `nil` once its caller was told that the outcome is unknown.
        var waiter: PublishWaiter?
    }

    enum Phase { case idle, running, closing, closed }

    static let outgoingCountMax = 64
    static let outgoingBytesMax = 1024 * 1024

    private let queuedMax: Int
    private var queue: Deque<Request> = []
    private var window: ConfirmWindow<Sent>
    /// How many callers wait.
    private var waiterCount = 0
    /// When the broker last confirmed anything, or the channel was opened.
    private var lastConfirmAt: ContinuousClock.Instant?
    private(set) var phase = Phase.idle
    private(set) var isConnected = false
    private(set) var isBlocked = false
    private(set) var statistics = PublisherStatistics()

    init(unconfirmedMax: Int, queuedMax: Int) {
        window = ConfirmWindow(capacity: unconfirmedMax)
        self.queuedMax = queuedMax
    }

    /// Whether nobody waits for anything.
    var isIdle: Bool { waiterCount == 0 }
    var queuedCount: Int { queue.count }
    var unconfirmedCount: Int { window.count }

    // MARK: life

    mutating func start() {
        precondition(phase == .idle, "a publisher runs once")
        phase = .running
    }

    /// Takes no more publishes; those already taken are seen through.
    mutating func beginClosing() { if phase != .closed { phase = .closing } }

    mutating func end() -> [Resolution] {
        phase = .closed
        var resolutions = disconnected(AMQPError(.connectionLost, "the publisher was stopped"))
        resolutions += queue.map { ($0.waiter, .failure(AMQPError(.closed, "the publisher was stopped"))) }
        queue = []
        waiterCount = 0
        return resolutions
    }

    mutating func connected(at now: ContinuousClock.Instant) {
        isConnected = true
        lastConfirmAt = now
        statistics.connects += 1
    }

    /// The channel is gone: what was sent on it and is not confirmed has an unknown outcome.
    mutating func disconnected(_ error: AMQPError) -> [Resolution] {
        isConnected = false
        isBlocked = false
        return window.reset().compactMap { sent in
            guard let waiter = sent.waiter else { return nil }
            waiterCount -= 1
            // The broker says which exchange is missing: its publishes are refused for certain.
            if error.code == .notFound && error.detail.contains("exchange '\(sent.exchange)'") {
                return (waiter, .failure(error))
            }
            statistics.unknown += 1
            return (waiter, .failure(AMQPError(.notConfirmed, "the connection ended before the confirm", cause: error)))
        }
    }

    mutating func setBlocked(_ isBlocked: Bool, at now: ContinuousClock.Instant) {
        self.isBlocked = isBlocked
        // The confirms it owes are due from now on.
        lastConfirmAt = now
    }

    // MARK: publishes

    /// Queues a request, or says why not.
    mutating func enqueue(_ request: Request) -> AMQPError? {
        switch phase {
        case .idle: return AMQPError(.connectionLost, "the publisher does not run yet")
        case .closing, .closed: return AMQPError(.closed, "the publisher was stopped")
        case .running: break
        }
        if isBlocked { return AMQPError(.blocked, "the broker takes no messages now") }
        guard queue.count < queuedMax else { return AMQPError(.overloaded, "\(queuedMax) publishes wait already") }
        queue.append(request)
        waiterCount += 1
        return nil
    }

    /// The next requests to send, within the window and the limits on one go.
    mutating func takeOutgoing() -> [Outgoing] {
        guard !isBlocked else { return [] }
        var outgoing: [Outgoing] = []
        var bytes = 0
        while outgoing.count < Self.outgoingCountMax, bytes < Self.outgoingBytesMax, !window.isFull,
            let request = queue.popFirst()
        {
            bytes += request.message.body.count
            let sent = Sent(exchange: request.exchange, deadline: request.deadline, waiter: request.waiter)
            outgoing.append(Outgoing(tag: window.append(sent), request: request))
        }
        statistics.published += outgoing.count
        return outgoing
    }

    mutating func returned(_ tag: UInt64) { window.markReturned(tag) }

    /// Settles what a confirm covers; `nil` for a tag that was never sent.
    mutating func confirm(
        tag: UInt64, multiple: Bool, accepted: Bool, at now: ContinuousClock.Instant
    ) -> [Resolution]? {
        guard let settled = window.settle(tag, multiple: multiple) else { return nil }
        lastConfirmAt = now
        return settled.compactMap { sent, isReturned in
            let outcome: PublishOutcome = accepted ? (isReturned ? .unroutable : .confirmed) : .refused
            statistics.count(outcome)
            guard let waiter = sent.waiter else { return nil }
            waiterCount -= 1
            return (waiter, .success(outcome))
        }
    }

    /// Tells those who have waited long enough.
    mutating func expire(at now: ContinuousClock.Instant) -> [Resolution] {
        var resolutions: [Resolution] = []
        while let request = queue.first, request.deadline <= now {
            queue.removeFirst()
            resolutions.append((request.waiter, .failure(AMQPError(.connectionLost, "not sent in time"))))
            statistics.unsent += 1
            waiterCount -= 1
        }
        window.forEachOldest { sent in
            guard sent.deadline <= now else { return false }
            if let waiter = sent.waiter {
                sent.waiter = nil
                statistics.unknown += 1
                waiterCount -= 1
                resolutions.append((waiter, .failure(AMQPError(.notConfirmed, "no confirm in time"))))
            }
            return true
        }
        return resolutions
    }

    /// Whether the broker owes a confirm and has given none for `limit`, without having said that it is blocked.
    func isStalled(at now: ContinuousClock.Instant, limit: Duration) -> Bool {
        guard !isBlocked, let oldest = window.oldest, let lastConfirmAt else { return false }
        return oldest.deadline <= now && lastConfirmAt + limit <= now
    }
}
