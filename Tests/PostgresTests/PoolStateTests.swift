import Testing

@testable import Postgres

@Suite struct PoolStateTests {
    @Test func `slots are connected one by one and the last used is lent first`() {
        var state = PoolState(slots: 2, waitersMax: 8)
        #expect(state.requestAtOnce() == .connect(0))
        #expect(state.requestAtOnce() == .connect(1))
        #expect(state.requestAtOnce() == nil)
        #expect(state.giveBack(0, isConnected: true) == .rest)
        #expect(state.giveBack(1, isConnected: true) == .rest)
        #expect(state.requestAtOnce() == .use(1))
        #expect(state.lentCount == 1)
        #expect(state.idle == [0])
    }

    @Test func `an idle connection is preferred to a new one`() {
        var state = PoolState(slots: 4, waitersMax: 8)
        #expect(state.requestAtOnce() == .connect(0))
        #expect(state.giveBack(0, isConnected: true) == .rest)
        #expect(state.request(1) == .granted(.use(0)))
    }

    @Test func `those who wait are served in order, with the connection or with an empty slot`() {
        var state = PoolState(slots: 1, waitersMax: 8)
        #expect(state.requestAtOnce() == .connect(0))
        #expect(state.request(1) == .wait)
        #expect(state.request(2) == .wait)
        #expect(state.giveBack(0, isConnected: true) == .hand(.use(0), to: 1))
        #expect(state.giveBack(0, isConnected: false) == .hand(.connect(0), to: 2))
        #expect(state.giveBack(0, isConnected: false) == .rest)
        #expect(state.lentCount == 0)
        #expect(state.requestAtOnce() == .connect(0))
    }

    @Test func `nobody passes the line`() {
        var state = PoolState(slots: 1, waitersMax: 8)
        #expect(state.request(1) == .granted(.connect(0)))
        #expect(state.request(2) == .wait)
        #expect(state.requestAtOnce() == nil)
    }

    @Test func `a waiter who left is not served`() {
        var state = PoolState(slots: 1, waitersMax: 8)
        #expect(state.requestAtOnce() == .connect(0))
        #expect(state.request(1) == .wait)
        #expect(state.request(2) == .wait)
        let isWithdrawn = [state.withdraw(1), state.withdraw(1)]
        #expect(isWithdrawn == [true, false])
        #expect(state.giveBack(0, isConnected: true) == .hand(.use(0), to: 2))
    }

    @Test func `the line has a limit`() {
        var state = PoolState(slots: 1, waitersMax: 1)
        #expect(state.request(1) == .granted(.connect(0)))
        #expect(state.request(2) == .wait)
        #expect(state.request(3) == .refused(.tooManyWaiters))
    }

    @Test func `a closed pool turns everybody away and says when the last one is back`() {
        var state = PoolState(slots: 3, waitersMax: 8)
        for _ in 0..<3 { _ = state.requestAtOnce() }
        #expect(state.request(1) == .wait)
        let first = state.close()
        #expect(first.waiters == [1])
        #expect(first.idle.isEmpty)
        #expect(state.request(2) == .refused(.closed))
        #expect(state.requestAtOnce() == nil)
        #expect(state.giveBack(0, isConnected: true) == .release(isLast: false))
        #expect(state.giveBack(1, isConnected: false) == .release(isLast: false))
        #expect(state.giveBack(2, isConnected: true) == .release(isLast: true))
    }

    @Test func `no order of events loses a slot, lends one twice or forgets a waiter`() {
        for seed in 1...200 as ClosedRange<UInt64> {
            var random = SplitMix(seed: seed)
            let slots = Int.random(in: 1...4, using: &random)
            var state = PoolState(slots: slots, waitersMax: 3)
            var lent: Set<Int> = []
            var line: [UInt64] = []
            for waiter in 1...200 as ClosedRange<UInt64> {
                switch Int.random(in: 0...3, using: &random) {
                case 0, 1:
                    switch state.request(waiter) {
                    case .granted(.use(let slot)), .granted(.connect(let slot)):
                        #expect(lent.insert(slot).inserted, "seed \(seed)")
                        #expect(line.isEmpty)
                    case .wait: line.append(waiter)
                    case .refused: #expect(line.count == 3, "seed \(seed)")
                    }
                case 2:
                    guard let slot = lent.randomElement(using: &random) else { continue }
                    let isConnected = Bool.random(using: &random)
                    switch state.giveBack(slot, isConnected: isConnected) {
                    case .rest:
                        lent.remove(slot)
                        #expect(line.isEmpty, "seed \(seed)")
                    case .hand(let grant, let next):
                        #expect(grant == (isConnected ? .use(slot) : .connect(slot)))
                        #expect(next == line.removeFirst(), "seed \(seed)")
                    case .release: Issue.record("the pool is open")
                    }
                default:
                    guard let leaving = line.randomElement(using: &random) else { continue }
                    let isWithdrawn = state.withdraw(leaving)
                    #expect(isWithdrawn)
                    line.removeAll { $0 == leaving }
                }
                #expect(state.lentCount == lent.count)
                #expect(state.waiterCount == line.count)
                #expect(line.isEmpty || lent.count == slots, "seed \(seed): someone waits beside a free slot")
            }
        }
    }
}

/// A small reproducible source of random numbers.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
