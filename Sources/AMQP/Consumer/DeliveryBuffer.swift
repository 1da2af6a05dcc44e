import DequeModule
import Synchronization

/// Hands deliveries from the connection's thread to the tasks that handle them, so many at once and no more.
///
/// The prefetch bounds what waits here. A delivery takes a place from when it is taken until it is finished, or until
/// it gives its place away before.
final class DeliveryBuffer: Sendable {
    struct Parcel: Sendable {
        let delivery: Delivery
        let tag: UInt64
        let generation: Int
    }

    private struct State {
        var parcels: Deque<Parcel> = []
        /// Taken, not finished, and with a place.
        var handledCount = 0
        /// Taken, not finished, and without one.
        var releasedCount = 0
        var hasNewRelease = false
        /// The taker is woken when so many wait.
        var wakesAt = 1
        var isClosed = false
    }

    private let handledMax: Int
    private let releasedMax: Int
    private let state = Mutex(State())
    private let arrived = Signal()

    /// `handledMax` deliveries may be taken and not finished, and `releasedMax` more that have given their place away.
    init(handledMax: Int, releasedMax: Int = 0) {
        self.handledMax = handledMax
        self.releasedMax = releasedMax
    }

    /// How many more may be added that need not wait; below zero when some do.
    var room: Int { state.withLock { handledMax - $0.handledCount - $0.parcels.count } }
    /// Taken and not finished.
    var handledCount: Int { state.withLock { $0.handledCount + $0.releasedCount } }

    func add(_ parcels: [Parcel]) {
        let wakes = state.withLock { state in
            guard !state.isClosed else { return false }
            state.parcels.append(contentsOf: parcels)
            return state.parcels.count >= state.wakesAt
        }
        if wakes { arrived.raise() }
    }

    /// Forgets what nobody has taken: its channel is gone, and it will be delivered again.
    func discard() {
        state.withLock { $0.parcels = [] }
    }

    /// Gives nothing out any more.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.parcels = []
        }
        arrived.raise()
    }

    /// Waits for deliveries and a free place, and takes up to `count`; `nil` when closed or cancelled.
    func take(upTo count: Int = .max) async -> [Parcel]? {
        while !Task.isCancelled {
            let taken: [Parcel]? = state.withLock { state in
                guard !state.isClosed else { return nil }
                return Self.take(min(count, handledMax - state.handledCount), &state)
            }
            guard let taken else { return nil }
            if !taken.isEmpty { return taken }
            await arrived.wait()
        }
        return nil
    }

    /// Like ``take(upTo:)``, but lingers after the first delivery until `count` are there, or `linger` has passed.
    func takeBatch(of count: Int, linger: Duration) async -> [Parcel]? {
        while !Task.isCancelled {
            let (waiting, isClosed) = state.withLock { ($0.parcels.count, $0.isClosed) }
            if isClosed { return nil }
            if waiting > 0 {
                if waiting < count { await waitUntilThere(count, atMost: linger) }
                return await take(upTo: count)
            }
            await arrived.wait()
        }
        return nil
    }

    /// Marks `count` of the taken ones, which have their places, as finished.
    func finish(_ count: Int) {
        let wakes = state.withLock { state in
            state.handledCount -= count
            return !state.parcels.isEmpty
        }
        if wakes { arrived.raise() }
    }

    /// Gives away the place of one of the taken ones.
    ///
    /// - Returns: false when as many as may have done so already.
    func release() -> Bool {
        let (isReleased, wakes) = state.withLock { state in
            guard state.releasedCount < releasedMax else { return (false, false) }
            state.handledCount -= 1
            state.releasedCount += 1
            state.hasNewRelease = true
            return (true, !state.parcels.isEmpty)
        }
        if wakes { arrived.raise() }
        return isReleased
    }

    /// Marks one that has given its place away as finished.
    func finishReleased() {
        state.withLock { $0.releasedCount -= 1 }
    }

    /// Whether a place was given away since the last call.
    func takeRelease() -> Bool {
        state.withLock { state in
            defer { state.hasNewRelease = false }
            return state.hasNewRelease
        }
    }

    private func waitUntilThere(_ count: Int, atMost linger: Duration) async {
        let deadline = ContinuousClock.now + linger
        state.withLock { $0.wakesAt = count }
        defer { state.withLock { $0.wakesAt = 1 } }
        while !Task.isCancelled {
            let isReady = state.withLock { $0.parcels.count >= count || $0.isClosed }
            let rest = ContinuousClock.now.duration(to: deadline)
            if isReady || rest <= .zero { return }
            await arrived.wait(atMost: rest)
        }
    }

    private static func take(_ count: Int, _ state: inout State) -> [Parcel] {
        let taken = Array(state.parcels.prefix(max(0, count)))
        state.parcels.removeFirst(taken.count)
        state.handledCount += taken.count
        return taken
    }
}
