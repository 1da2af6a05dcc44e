import Logging
import Synchronization

extension Pool {
    /// The first and the longest pause between attempts to connect.
    private static let backoff = (first: Duration.milliseconds(50), longest: Duration.seconds(1))

    /// Turns a grant into a connection.
    func redeem(
        _ grant: PoolState.Grant, _ connection: PostgresConnection?, until deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Lease {
        switch grant {
        case .use(let slot), .connect(let slot):
            if let connection { return Lease(slot: slot, connection: connection) }
            return try await connect(in: slot, until: deadline)
        }
    }

    /// Makes a connection in a lent slot, trying again until `deadline`; gives the slot back when that fails.
    func connect(
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
