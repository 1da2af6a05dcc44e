import BlockingIO
import Synchronization
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

private struct Refused: Error {}

@Suite struct WatchdogTests {
    @Test func `a read that blocks is freed at its limit`() async throws {
        let pair = SocketPair()
        let fires = Watchdog.shared.fireCount
        let start = ContinuousClock.now
        let (count, fired) = Watchdog.shared.guarding(pair.near, limit: .milliseconds(100)) {
            var byte: UInt8 = 0
            return read(pair.near, &byte, 1)
        }
        let elapsed = ContinuousClock.now - start
        #expect(count == 0)
        #expect(fired)
        #expect(elapsed >= .milliseconds(100) && elapsed < .seconds(10))
        #expect(Watchdog.shared.fireCount > fires)
        pair.shut()
    }

    @Test func `a call that comes back in time keeps its socket`() async throws {
        let pair = SocketPair()
        pair.send(7)
        let (byte, fired) = Watchdog.shared.guarding(pair.near, limit: .milliseconds(200)) {
            var byte: UInt8 = 0
            _ = read(pair.near, &byte, 1)
            return byte
        }
        #expect(byte == 7)
        #expect(!fired)
        try await Task.sleep(for: .milliseconds(300))
        pair.send(8)
        var later: UInt8 = 0
        #expect(read(pair.near, &later, 1) == 1)
        #expect(later == 8)
        pair.shut()
    }

    @Test func `a call that throws is disarmed and its error passes through`() async throws {
        let pair = SocketPair()
        #expect(throws: Refused.self) {
            try Watchdog.shared.guarding(pair.near, limit: .milliseconds(100)) { throw Refused() }
        }
        try await Task.sleep(for: .milliseconds(200))
        pair.send()
        var byte: UInt8 = 0
        #expect(read(pair.near, &byte, 1) == 1)
        pair.shut()
    }

    @Test func `an earlier deadline set later fires first`() async throws {
        let order = Mutex<[Int]>([])
        let fired = Atomic<Int>(0)
        let late = Watchdog.shared.arm(after: .seconds(600)) {}
        await withCheckedContinuation { done in
            for (index, limit) in [(3, 150), (1, 50), (2, 100)] {
                _ = Watchdog.shared.arm(after: .milliseconds(limit)) {
                    order.withLock { $0.append(index) }
                    if fired.add(1, ordering: .relaxed).newValue == 3 { done.resume() }
                }
            }
        }
        #expect(order.withLock { $0 } == [1, 2, 3])
        #expect(Watchdog.shared.disarm(late))
        #expect(!Watchdog.shared.disarm(late))
    }

    @Test func `sixteen blocked reads are all freed`() async throws {
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<16 {
                group.addTask {
                    await Blocked(index: index).wait()
                }
            }
            for await fired in group { #expect(fired) }
        }
    }
}

private actor Blocked {
    private let thread: ThreadExecutor
    private let pair = SocketPair()

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(index: Int) { thread = ThreadExecutor(name: "blocked-\(index)") }

    isolated deinit { pair.shut() }

    func wait() -> Bool {
        Watchdog.shared.guarding(pair.near, limit: .milliseconds(50)) {
            var byte: UInt8 = 0
            return read(pair.near, &byte, 1)
        }.fired
    }
}
