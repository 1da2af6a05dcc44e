import CPostgres

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A libpq connection, used by one thread only.
///
/// Every wait is a `poll` with a deadline of our own, since libpq has no read timeout and the server's own timers stand
/// still when the server does. A connection that missed a deadline or broke is `isBroken` for good.
final class Session {
    /// The limit on a rollback, whose only alternative is to close the connection.
    private static let rollbackLimit = Duration.seconds(5)

    let connection: OpaquePointer
    var isBroken = false
    /// The limit on each call.
    var callLimit: Duration
    private let defaultCallLimit: Duration
    private var statements: StatementCache

    /// Connects, within the limit of `parameters` and not after `deadline`.
    init(_ parameters: ConnectionParameters, deadline: ContinuousClock.Instant) throws(PostgresError) {
        callLimit = parameters.callLimit
        defaultCallLimit = parameters.callLimit
        statements = StatementCache(entriesMax: parameters.preparedStatementsMax)
        connection = try Self.connect(parameters, deadline: min(deadline, .now + parameters.connectTimeout))
        PQsetnonblocking(connection, 1)
    }

    deinit {
        // A goodbye to a peer that does not read must not block either.
        if isBroken { shutdown(PQsocket(connection), Int32(SHUT_RDWR)) }
        PQfinish(connection)
    }

    /// Whether the connection can take a statement: an idle one that has something to read was ended by the server.
    var isReady: Bool {
        guard !isBroken, PQstatus(connection) == CONNECTION_OK, PQtransactionStatus(connection) == PQTRANS_IDLE else {
            return false
        }
        return Self.wait(for: POLLIN, on: PQsocket(connection), until: .now) == 0
    }

    /// Runs one statement with its parameters.
    func run(_ statement: SQL) throws(PostgresError) -> ResultHandle {
        let parameters = try ParameterBuffer(statement.values)
        let text = statement.text
        let deadline = ContinuousClock.now + callLimit
        let key = StatementCache.Key(text: text, types: parameters.types)
        // In a failed transaction everything is refused: leave the cache alone.
        let canPrepare = PQtransactionStatus(connection) != PQTRANS_INERROR
        switch canPrepare ? statements.plan(for: key) : .unnamed {
        case .unnamed:
            return try call(until: deadline) { sendUnnamed(text, parameters) }
        case .named(let name):
            return try runNamed(name, parameters, until: deadline)
        case .prepare(let name):
            do {
                try deallocateDiscarded(until: deadline)
                _ = try call(until: deadline) {
                    PQsendPrepare(connection, name, text, Int32(parameters.types.count), parameters.types)
                }
            } catch {
                statements.forget(key)
                throw error
            }
            return try runNamed(name, parameters, until: deadline)
        }
    }

    /// Runs text that may hold several statements and has no parameters; returns the last answer.
    func run(script: String) throws(PostgresError) -> ResultHandle {
        guard !script.utf8.contains(0) else { throw PostgresError(.encodingFailed, "a script holds a NUL character") }
        return try call(until: .now + callLimit) { PQsendQuery(connection, script) }
    }

    func begin(_ isolation: IsolationLevel) throws(PostgresError) {
        callLimit = defaultCallLimit
        _ = try run(script: "BEGIN ISOLATION LEVEL \(isolation.rawValue)")
    }

    /// Commits.
    ///
    /// Only an answer of the server says what happened; without one the outcome is unknown.
    func commit() throws(PostgresError) {
        let tag: String
        do {
            tag = try run(script: "COMMIT").commandTag
        } catch {
            guard error.leavesOutcomeUnknown else { throw error }
            throw PostgresError(
                .outcomeUnknown, "the commit was sent and not answered", sqlState: error.sqlState, cause: error)
        }
        guard tag == "COMMIT" else {
            throw PostgresError(
                .transactionAborted, "a statement had failed before the commit, so the server rolled back")
        }
    }

    /// Rolls back, or gives the connection up when that is not possible.
    func rollBack() {
        guard !isBroken, PQtransactionStatus(connection) != PQTRANS_IDLE else { return }
        callLimit = Self.rollbackLimit
        if (try? run(script: "ROLLBACK")) == nil { isBroken = true }
    }

    private func sendUnnamed(_ text: String, _ parameters: ParameterBuffer) -> Int32 {
        parameters.withArrays { values, lengths, formats in
            PQsendQueryParams(
                connection, text, Int32(values.count), parameters.types, values, lengths, formats, 1)
        }
    }

    private func runNamed(
        _ name: String, _ parameters: ParameterBuffer, until deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> ResultHandle {
        do {
            return try call(until: deadline) {
                parameters.withArrays { values, lengths, formats in
                    PQsendQueryPrepared(connection, name, Int32(values.count), values, lengths, formats, 1)
                }
            }
        } catch {
            guard error.sqlState == .featureNotSupported || error.sqlState == .invalidStatementName else { throw error }
            // A migration changed what the statement returns, or a pooler gave us another server connection.
            isBroken = true
            throw PostgresError(.planChanged, error.detail, sqlState: error.sqlState)
        }
    }

    private func deallocateDiscarded(until deadline: ContinuousClock.Instant) throws(PostgresError) {
        for name in statements.takeDiscarded() {
            _ = try call(until: deadline) { PQsendQuery(connection, "DEALLOCATE \(name)") }
        }
    }
}
