import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// One thread for the process that acts when a call does not come back in time.
///
/// Its main use is `guarding`, which shuts a socket down under a C call that has no timeout of its own. `arm` runs any
/// short action at a deadline, for waits that are cheaper without a task and a timer each.
package final class Watchdog: Sendable {
    /// The only instance; its thread starts at first use and lives as long as the process.
    package static let shared = Watchdog()

    /// A deadline that has been set and can be withdrawn.
    package struct Alarm: Sendable {
        fileprivate let id: UInt64
    }

    private struct Entry: Sendable {
        let deadline: ContinuousClock.Instant
        let action: @Sendable () -> Void
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var lastID: UInt64 = 0
        /// When the thread looks next; nil while it waits for a first entry.
        var wakesAt: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let pipe = WakePipe()
    private let fires = Atomic<Int>(0)

    private init() {
        DetachedThread.start(name: "watchdog") { [self] in run() }
    }

    /// How many sockets were shut down so far.
    package var fireCount: Int { fires.load(ordering: .relaxed) }

    /// Runs the blocking `body`; past `limit` the socket is shut down so that the call returns with an error.
    ///
    /// `fired` says whether that happened; a connection whose guard fired is to be thrown away. The body may close the
    /// descriptor: the watchdog works on a duplicate, so it cannot hit another socket that got the same number.
    package func guarding<T, E: Error>(
        _ descriptor: Int32, limit: Duration, _ body: () throws(E) -> T
    ) throws(E) -> (value: T, fired: Bool) {
        let socket = DuplicateSocket(of: descriptor)
        let alarm = arm(after: limit) { [self] in
            fires.add(1, ordering: .relaxed)
            socket.shutDown()
        }
        var isDisarmed = false
        defer { if !isDisarmed { disarm(alarm) } }
        let value = try body()
        isDisarmed = true
        return (value, !disarm(alarm))
    }

    /// Runs `action` on the watchdog's thread after `limit`, unless disarmed before; the action must be short.
    package func arm(after limit: Duration, _ action: @escaping @Sendable () -> Void) -> Alarm {
        let entry = Entry(deadline: .now + limit, action: action)
        let (id, mustWake) = state.withLock { state in
            state.lastID += 1
            state.entries[state.lastID] = entry
            guard state.wakesAt.map({ entry.deadline < $0 }) ?? true else { return (state.lastID, false) }
            state.wakesAt = entry.deadline
            return (state.lastID, true)
        }
        if mustWake { pipe.wake() }
        return Alarm(id: id)
    }

    /// Withdraws a deadline; false when its action has run or is running.
    @discardableResult
    package func disarm(_ alarm: Alarm) -> Bool {
        // Bound to a name so that the action is released outside the lock.
        let entry = state.withLock { $0.entries.removeValue(forKey: alarm.id) }
        return entry != nil
    }

    private func run() {
        while true {
            let (due, wait) = takeDue()
            for entry in due { entry.action() }
            guard due.isEmpty else { continue }
            var descriptor = pollfd(fd: pipe.readEnd, events: Int16(POLLIN), revents: 0)
            if poll(&descriptor, 1, wait) > 0 { pipe.drain() }
        }
    }

    private func takeDue() -> (due: [Entry], waitMilliseconds: Int32) {
        state.withLock { state in
            let now = ContinuousClock.now
            let due = state.entries.filter { $0.value.deadline <= now }
            for id in due.keys { state.entries[id] = nil }
            state.wakesAt = state.entries.values.lazy.map(\.deadline).min()
            return (Array(due.values), state.wakesAt.map { ($0 - now).pollMilliseconds } ?? -1)
        }
    }
}

/// A second descriptor of a socket, closed when the last owner lets go.
private final class DuplicateSocket: Sendable {
    private let descriptor: Int32

    init(of original: Int32) {
        descriptor = fcntl(original, F_DUPFD_CLOEXEC, 0)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func shutDown() {
        if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
}
