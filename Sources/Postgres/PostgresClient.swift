package import Logging
import ServiceLifecycle

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A pool of connections to one database.
///
/// Connections are made when they are needed, so the client works before `run()` and without it; as a service it closes
/// the pool at graceful shutdown, after the calls that are under way.
package final class PostgresClient: Service, Sendable {
    /// How often one call may find that the server had ended the connection it got.
    private static let staleMax = 3
    /// The longest pause before a transaction that lost a conflict runs again.
    private static let conflictPauseMax = Duration.milliseconds(20)

    package let configuration: Configuration
    private let pool: Pool

    /// Makes a client that has no connection yet; call `configuration.validate()` first for an early refusal.
    package init(configuration: Configuration, logger: Logger) {
        // A peer that vanished must be an error of the write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        self.configuration = configuration
        pool = Pool(configuration, logger: logger)
    }

    /// How the pool stands now.
    package var statistics: PoolStatistics { pool.statistics }

    /// Waits for the graceful shutdown and closes.
    package func run() async throws {
        try? await gracefulShutdown()
        await close()
    }

    /// Turns away whoever waits for a connection and returns when the last call has ended and all is closed.
    package func close() async {
        await pool.close()
    }

    /// Runs one reading statement, outside any transaction, and returns its rows.
    ///
    /// A statement that writes belongs in `execute` or a transaction, which tell an unknown outcome from a failure.
    package func query(_ statement: SQL) async throws(PostgresError) -> [Row] {
        try await lend { connection in await connection.query(statement) }.get()
    }

    /// Runs one statement, outside any transaction, and returns how many rows it affected.
    @discardableResult
    package func execute(_ statement: SQL) async throws(PostgresError) -> Int {
        try await lend { connection in await connection.execute(statement) }.get()
    }

    /// Runs `body` between BEGIN and COMMIT on a connection's own thread.
    ///
    /// `body` cannot await. What it throws rolls back and is thrown here; `PostgresError.outcomeUnknown` says that the
    /// commit was sent and not answered.
    ///
    /// - Parameter conflictsMax: how often `body` is run again, from its beginning in a new transaction, after a
    ///   serialization failure or a deadlock.
    @discardableResult
    package func transaction<T: Sendable>(
        _ isolation: IsolationLevel = .readCommitted, retrying conflictsMax: Int = 0,
        _ body: @escaping @Sendable (borrowing Transaction) throws -> T
    ) async throws -> T {
        var conflicts = 0
        while true {
            do {
                return try await lend { connection in await connection.transaction(isolation, body) }.get()
            } catch let error as PostgresError where error.isConflict && conflicts < conflictsMax {
                conflicts += 1
                try await ContinuousClock().sleep(for: Self.conflictPauseMax * Double.random(in: 0...1))
            }
        }
    }

    private func lend<T: Sendable>(
        _ use: (PostgresConnection) async -> PostgresConnection.Attempt<T>
    ) async throws(PostgresError) -> T {
        let deadline = ContinuousClock.now + configuration.checkoutTimeout
        var lease = try await pool.checkOut(until: deadline)
        for _ in 0..<Self.staleMax {
            switch await use(lease.connection) {
            case .finished(let value):
                pool.giveBack(lease)
                return value
            case .stale:
                lease = try await pool.replace(lease, until: deadline)
            }
        }
        pool.giveBack(lease)
        throw PostgresError(.connectionLost, "the server ends every connection before it can be used")
    }
}
