import Logging
import ServiceLifecycle
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
    ///
    /// What the server refuses is not tried again, and in a program that shuts down nothing is.
    func connect(
        in slot: PoolState.Slot, until deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Lease {
        do throws(PostgresError) {
            if let refusal = contents.withLock({ $0.outage.standingRefusal(at: .now) }) { throw refusal }
            let parameters = try ConnectionParameters(configuration)
            let connection = PostgresConnection(parameters)
            try await open(connection, at: parameters.address, until: deadline)
            let outage = contents.withLock { contents in
                contents.connections[slot] = connection
                contents.statistics.connects += 1
                return contents.outage.ended(at: .now)
            }
            logger.debug("Postgres connection opened")
            if let outage {
                logger.info(
                    "Postgres can be reached again",
                    metadata: ["server": "\(parameters.address)", "after": "\(outage.components.seconds) s"])
            }
            return Lease(slot: slot, connection: connection)
        } catch {
            giveBack(slot, isConnected: false)
            throw error
        }
    }

    private func open(
        _ connection: PostgresConnection, at address: String, until deadline: ContinuousClock.Instant
    ) async throws(PostgresError) {
        var pause = Self.backoff.first
        while true {
            do {
                return try await connection.open(deadline: deadline)
            } catch {
                note(error, at: address)
                // Jitter, so that the callers of many programs do not come back all at once.
                let wait = pause * Double.random(in: 0.5...1)
                guard !error.isRefusal, ContinuousClock.now + wait < deadline else { throw error }
                try await self.pause(wait, after: error)
                pause = min(pause * 2, Self.backoff.longest)
            }
        }
    }

    private func note(_ error: PostgresError, at address: String) {
        let metadata: Logger.Metadata = ["server": "\(address)", "error": "\(error)"]
        switch contents.withLock({ $0.outage.failed(error, at: .now) }) {
        case .began: logger.warning("Postgres cannot be reached", metadata: metadata)
        case .lasts: logger.warning("Postgres still cannot be reached", metadata: metadata)
        case .refused:
            logger.error(
                "Postgres refuses us: check the user, the password and the database in DATABASE_URL",
                metadata: metadata)
        case nil: logger.debug("Postgres connection failed", metadata: metadata)
        }
    }

    /// Sleeps before the next attempt; throws when there is to be none.
    private func pause(_ wait: Duration, after error: PostgresError) async throws(PostgresError) {
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await cancelWhenGracefulShutdown { try await ContinuousClock().sleep(for: wait) })
        } catch {
            result = .failure(error)
        }
        if Task.isCancelled {
            throw PostgresError(.cancelled, "the task was cancelled while it connected", cause: error)
        }
        // Who is about to end waits for nothing that has failed already.
        guard case .success = result, !Task.isShuttingDownGracefully else { throw error }
        guard !contents.withLock({ $0.state.isClosed }) else { throw PostgresError(.closed, "the client is closed") }
    }
}
