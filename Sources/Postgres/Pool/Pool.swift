import BlockingIO
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

    private enum Turn: Sendable {
        case granted(PoolState.Grant)
        case expired
        case cancelled
        case refused(PoolState.Refusal)
    }

    private struct Contents {
        var state: PoolState
        var connections: [PostgresConnection?]
        var waiters: [PoolState.Waiter: CheckedContinuation<Turn, Never>] = [:]
        var lastWaiter: PoolState.Waiter = 0
        var drained: [CheckedContinuation<Void, Never>] = []
        var statistics = PoolStatistics()

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

    /// The first and the longest pause between attempts to connect.
    private static let backoff = (first: Duration.milliseconds(50), longest: Duration.seconds(1))

    private let configuration: PostgresClient.Configuration
    private let logger: Logger
    private let contents: Mutex<Contents>

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
        if !isConnected { logger.warning("Postgres connection discarded") }
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

    private func giveBack(_ slot: PoolState.Slot, isConnected: Bool) {
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

// MARK: - Connecting

extension Pool {
    private func redeem(
        _ grant: PoolState.Grant, _ connection: PostgresConnection?, until deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Lease {
        switch grant {
        case .use(let slot), .connect(let slot):
            if let connection { return Lease(slot: slot, connection: connection) }
            return try await connect(in: slot, until: deadline)
        }
    }

    /// Makes a connection in a lent slot, trying again until `deadline`; gives the slot back when that fails.
    private func connect(
        in slot: PoolState.Slot, until deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Lease {
        do {
            let connection = PostgresConnection(try ConnectionParameters(configuration))
            try await open(connection, until: deadline)
            contents.withLock { contents in
                contents.connections[slot] = connection
                contents.statistics.connects += 1
            }
            logger.debug("Postgres connection opened")
            return Lease(slot: slot, connection: connection)
        } catch {
            giveBack(slot, isConnected: false)
            throw error
        }
    }

    private func open(
        _ connection: PostgresConnection, until deadline: ContinuousClock.Instant
    ) async throws(PostgresError) {
        var pause = Self.backoff.first
        while true {
            do {
                return try await connection.open(deadline: deadline)
            } catch {
                // Jitter, so that the callers of many programs do not come back all at once.
                let wait = pause * Double.random(in: 0.5...1)
                guard ContinuousClock.now + wait < deadline else { throw error }
                logger.warning("Postgres connection failed", metadata: ["error": "\(error)"])
                do {
                    try await ContinuousClock().sleep(for: wait)
                } catch {
                    throw PostgresError(.cancelled, "the task was cancelled while it connected", cause: error)
                }
                pause = min(pause * 2, Self.backoff.longest)
            }
        }
    }
}

// MARK: - Waiting

extension Pool {
    private func waitForTurn(until deadline: ContinuousClock.Instant) async -> Turn {
        let waiter = contents.withLock { contents in
            contents.lastWaiter += 1
            return contents.lastWaiter
        }
        var alarm: Watchdog.Alarm?
        let turn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = contents.withLock { contents in
                    let answer = contents.state.request(waiter)
                    if answer == .wait { contents.waiters[waiter] = continuation }
                    return answer
                }
                switch answer {
                case .granted(let grant): continuation.resume(returning: .granted(grant))
                case .refused(let refusal): continuation.resume(returning: .refused(refusal))
                case .wait:
                    alarm = Watchdog.shared.arm(after: deadline - .now) { [self] in settle(waiter, .expired) }
                    // A cancellation that came before the waiter was in line found nothing to withdraw.
                    if Task.isCancelled { settle(waiter, .cancelled) }
                }
            }
        } onCancel: {
            settle(waiter, .cancelled)
        }
        if let alarm { Watchdog.shared.disarm(alarm) }
        return turn
    }

    /// Ends a wait that has not ended yet.
    private func settle(_ waiter: PoolState.Waiter, _ turn: Turn) {
        let continuation = contents.withLock { contents in
            contents.state.withdraw(waiter) ? contents.waiters.removeValue(forKey: waiter) : nil
        }
        continuation?.resume(returning: turn)
    }
}
