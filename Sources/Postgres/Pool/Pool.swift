import Logging
import Synchronization

/// The connections of a client: carries out what `PoolState` orders.
///
/// Connections are made by the callers that need them, so the pool has no task of its own. A broken connection is
/// replaced, never repaired.
final class Pool: Sendable {
    /// A slot lent to one caller, with its connection.
    struct Lease: Sendable {
        let slot: PoolState.Slot
        let connection: PostgresConnection
    }

    /// How a wait for a slot ended.
    enum Turn: Sendable {
        case granted(PoolState.Grant)
        case expired
        case cancelled
        case refused(PoolState.Refusal)
    }

    /// What the lock guards.
    struct Contents {
        var state: PoolState
        var connections: [PostgresConnection?]
        var waiters: [PoolState.Waiter: CheckedContinuation<Turn, Never>] = [:]
        var lastWaiter: PoolState.Waiter = 0
        var drained: [CheckedContinuation<Void, Never>] = []
        var statistics = PoolStatistics()
        var outage = PoolOutage()

        func connection(of grant: PoolState.Grant) -> PostgresConnection? {
            switch grant {
            case .use(let slot): connections[slot]
            case .connect: nil
            }
        }

        mutating func takeConnection(_ slot: PoolState.Slot) -> PostgresConnection? {
            defer { connections[slot] = nil }
            return connections[slot]
        }
    }

    let configuration: PostgresClient.Configuration
    let logger: Logger
    let contents: Mutex<Contents>

    init(_ configuration: PostgresClient.Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        let range = PostgresClient.Configuration.connectionsRange
        let slots = min(max(configuration.connections, range.lowerBound), range.upperBound)
        let state = PoolState(slots: slots, waitersMax: configuration.waitersMax)
        contents = Mutex(Contents(state: state, connections: Array(repeating: nil, count: slots)))
    }

    var statistics: PoolStatistics {
        contents.withLock { contents in
            var statistics = contents.statistics
            statistics.open = contents.connections.count { $0 != nil }
            statistics.idle = contents.state.idle.count
            statistics.inUse = contents.state.lentCount
            statistics.waiting = contents.state.waiterCount
            return statistics
        }
    }

    /// Lends a connection; give it back with `giveBack` whatever happens.
    func checkOut(until deadline: ContinuousClock.Instant) async throws(PostgresError) -> Lease {
        let atOnce = contents.withLock { contents in
            contents.state.requestAtOnce().map { (grant: $0, connection: contents.connection(of: $0)) }
        }
        if let atOnce { return try await redeem(atOnce.grant, atOnce.connection, until: deadline) }
        switch await waitForTurn(until: deadline) {
        case .granted(let grant):
            let connection = contents.withLock { $0.connection(of: grant) }
            return try await redeem(grant, connection, until: deadline)
        case .cancelled: throw PostgresError(.cancelled, "the task was cancelled while it waited for a connection")
        case .refused(.closed): throw PostgresError(.closed, "the client is closed")
        case .refused(.tooManyWaiters):
            contents.withLock { $0.statistics.refusals += 1 }
            throw PostgresError(.tooManyWaiters, "\(configuration.waitersMax) callers wait for a connection already")
        case .expired:
            contents.withLock { $0.statistics.refusals += 1 }
            throw PostgresError(.checkoutTimedOut, "no connection came free within the checkout timeout")
        }
    }

    /// Puts a fresh connection in the place of one that turned out to be dead.
    func replace(_ lease: Lease, until deadline: ContinuousClock.Instant) async throws(PostgresError) -> Lease {
        contents.withLock { contents in
            contents.connections[lease.slot] = nil
            contents.statistics.discards += 1
        }
        return try await connect(in: lease.slot, until: deadline)
    }

    func giveBack(_ lease: Lease) {
        let isConnected = !lease.connection.isBroken
        // Whoever used it throws what happened; an outage is told when nobody can connect.
        if !isConnected { logger.debug("Postgres connection discarded") }
        contents.withLock { contents in
            if !isConnected {
                contents.connections[lease.slot] = nil
                contents.statistics.discards += 1
            }
        }
        giveBack(lease.slot, isConnected: isConnected)
    }

    /// Turns away who waits, closes what is free, and returns when all that was lent has come back and is closed.
    func close() async {
        let (turnedAway, idle) = contents.withLock { contents in
            let closing = contents.state.close()
            return (
                closing.waiters.compactMap { contents.waiters.removeValue(forKey: $0) },
                closing.idle.compactMap { contents.takeConnection($0) }
            )
        }
        for waiter in turnedAway { waiter.resume(returning: .refused(.closed)) }
        for connection in idle { await connection.close() }
        await withCheckedContinuation { continuation in
            let isDrained = contents.withLock { contents in
                if contents.state.lentCount > 0 { contents.drained.append(continuation) }
                return contents.state.lentCount == 0
            }
            if isDrained { continuation.resume() }
        }
    }

    func giveBack(_ slot: PoolState.Slot, isConnected: Bool) {
        let (next, drained) = contents.withLock { contents in
            switch contents.state.giveBack(slot, isConnected: isConnected) {
            case .rest: return (nil as (CheckedContinuation<Turn, Never>, Turn)?, [CheckedContinuation<Void, Never>]())
            case .hand(let grant, let waiter):
                return (contents.waiters.removeValue(forKey: waiter).map { ($0, .granted(grant)) }, [])
            case .release(let isLast):
                // Dropping it closes it, on its own thread.
                contents.connections[slot] = nil
                defer { if isLast { contents.drained = [] } }
                return (nil, isLast ? contents.drained : [])
            }
        }
        next.map { $0.resume(returning: $1) }
        for continuation in drained { continuation.resume() }
    }
}
