import DequeModule

/// Which connections are free and who waits for one: pure, so that it can be tested alone.
///
/// A slot is a place for a connection. A caller gets a free connection, or an empty slot to connect in, or waits in
/// line; whoever gives a slot back may be told to hand it to the first in line. There are no timers and no tasks here.
struct PoolState {
    typealias Slot = Int
    typealias Waiter = UInt64

    /// What a caller may do with the slot it got.
    enum Grant: Equatable, Sendable {
        /// Use the connection in the slot.
        case use(Slot)
        /// Make a connection for the slot.
        case connect(Slot)
    }

    enum Refusal: Equatable, Sendable {
        case closed
        case tooManyWaiters
    }

    enum Answer: Equatable {
        case granted(Grant)
        case wait
        case refused(Refusal)
    }

    /// What the caller must do after a slot came back.
    enum Order: Equatable {
        /// Leave the connection, if there is one, in its slot.
        case rest
        /// Give the slot to a waiter.
        case hand(Grant, to: Waiter)
        /// The pool is closed: let go of the connection; `isLast` when nothing is lent any more.
        case release(isLast: Bool)
    }

    private let waitersMax: Int
    /// Slots with a connection that nobody uses; the last one used is the first one lent.
    private(set) var idle: [Slot] = []
    /// Slots without a connection.
    private var empty: [Slot]
    private(set) var lentCount = 0
    private(set) var isClosed = false
    private var waiters: Deque<Waiter> = []

    init(slots: Int, waitersMax: Int) {
        self.waitersMax = waitersMax
        empty = (0..<slots).reversed()
    }

    var waiterCount: Int { waiters.count }

    /// Lends a slot at once or not at all: a caller may not pass those who wait.
    mutating func requestAtOnce() -> Grant? {
        guard !isClosed, waiters.isEmpty else { return nil }
        return lend()
    }

    /// Lends a slot, or puts the waiter in line.
    mutating func request(_ waiter: Waiter) -> Answer {
        guard !isClosed else { return .refused(.closed) }
        if waiters.isEmpty, let grant = lend() { return .granted(grant) }
        guard waiters.count < waitersMax else { return .refused(.tooManyWaiters) }
        waiters.append(waiter)
        return .wait
    }

    /// Takes a waiter out of the line; false when it is not in it.
    mutating func withdraw(_ waiter: Waiter) -> Bool {
        guard let index = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// Takes back a lent slot; `isConnected` says whether its connection can be used again.
    mutating func giveBack(_ slot: Slot, isConnected: Bool) -> Order {
        if isClosed {
            lentCount -= 1
            return .release(isLast: lentCount == 0)
        }
        if let waiter = waiters.popFirst() { return .hand(isConnected ? .use(slot) : .connect(slot), to: waiter) }
        lentCount -= 1
        if isConnected { idle.append(slot) } else { empty.append(slot) }
        return .rest
    }

    /// Lends nothing from now on.
    ///
    /// Returns who must be turned away and whose connections must be closed.
    mutating func close() -> (waiters: [Waiter], idle: [Slot]) {
        isClosed = true
        defer {
            waiters = []
            idle = []
        }
        return (Array(waiters), idle)
    }

    private mutating func lend() -> Grant? {
        let grant: Grant? = idle.popLast().map(Grant.use) ?? empty.popLast().map(Grant.connect)
        if grant != nil { lentCount += 1 }
        return grant
    }
}
