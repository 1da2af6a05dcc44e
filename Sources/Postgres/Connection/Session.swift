import BlockingIO
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
    /// How long the answer to a cancel request may take before the socket is shut down.
    private static let cancelGrace = Duration.seconds(1)
    /// The limit on a rollback, whose only alternative is to close the connection.
    private static let rollbackLimit = Duration.seconds(5)

    let connection: OpaquePointer
    private(set) var isBroken = false
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

    /// Commits. Only an answer of the server says what happened; without one the outcome is unknown.
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

// MARK: - Waiting

extension Session {
    /// Sends with `send`, which returns 1 when libpq took it, and returns the last answer or throws the first failure.
    private func call(
        until deadline: ContinuousClock.Instant, _ send: () -> Int32
    ) throws(PostgresError) -> ResultHandle {
        guard send() == 1 else { throw lost() }
        var last: ResultHandle?
        var failure: PostgresError?
        while let result = try nextResult(until: deadline) {
            if result.isCopy {
                isBroken = true
                throw PostgresError(.statementFailed, "COPY between client and server is not supported")
            }
            if result.isFailure, failure == nil { failure = result.error(fallback: connectionMessage) }
            last = consume result
        }
        if PQstatus(connection) != CONNECTION_OK { throw lost(failure) }
        if let failure {
            guard isBroken, failure.sqlState == .queryCanceled else { throw failure }
            throw PostgresError(
                .deadlineExceeded, "the statement was cancelled at the deadline of the call", sqlState: .queryCanceled)
        }
        guard let last else { throw lost() }
        return last
    }

    private func nextResult(until deadline: ContinuousClock.Instant) throws(PostgresError) -> ResultHandle? {
        try flush(until: deadline)
        while PQisBusy(connection) == 1 {
            try wait(for: POLLIN, until: deadline)
            // When reading fails, the last words of the server may be there still: PQgetResult hands them out.
            if PQconsumeInput(connection) == 0 { break }
        }
        return PQgetResult(connection).map { ResultHandle($0) }
    }

    private func flush(until deadline: ContinuousClock.Instant) throws(PostgresError) {
        while true {
            switch PQflush(connection) {
            case 0: return
            case 1:
                // The server may have to write before it can read: take what it sends.
                let events = try wait(for: POLLIN | POLLOUT, until: deadline)
                if events & POLLIN != 0, PQconsumeInput(connection) == 0 { throw lost() }
            default: throw lost()
            }
        }
    }

    @discardableResult
    private func wait(for events: Int32, until deadline: ContinuousClock.Instant) throws(PostgresError) -> Int32 {
        let seen = Self.wait(for: events, on: PQsocket(connection), until: deadline)
        if seen != 0 { return seen }
        guard !isBroken else { throw cut() }
        // Late: the connection is given up whatever comes, but an answer to the cancel request tells the outcome.
        isBroken = true
        CancelRequest.send(for: connection)
        let graceful = Self.wait(for: events, on: PQsocket(connection), until: .now + Self.cancelGrace)
        guard graceful != 0 else { throw cut() }
        return graceful
    }

    private func cut() -> PostgresError {
        shutdown(PQsocket(connection), Int32(SHUT_RDWR))
        return PostgresError(.deadlineExceeded, "the server did not answer within the deadline of the call")
    }

    private func lost(_ failure: PostgresError? = nil) -> PostgresError {
        isBroken = true
        return PostgresError(
            .connectionLost, failure?.detail ?? connectionMessage, sqlState: failure?.sqlState)
    }

    private var connectionMessage: String { Self.message(of: connection) }

    private static func message(of connection: OpaquePointer) -> String {
        guard let message = PQerrorMessage(connection) else { return "" }
        return String(cString: message).split(separator: "\n").map { $0.trimmingSpaces() }.joined(separator: "; ")
    }

    /// The events seen on `descriptor`; 0 when the deadline came first.
    private static func wait(
        for events: Int32, on descriptor: Int32, until deadline: ContinuousClock.Instant
    ) -> Int32 {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let limit = (deadline - .now).pollMilliseconds
            if poll(&entry, 1, limit) > 0 { return Int32(entry.revents) }
            if limit == 0 { return 0 }
        }
    }

    private static func connect(
        _ parameters: ConnectionParameters, deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> OpaquePointer {
        let started = CStrings.with(parameters.keywords) { keywords in
            CStrings.with(parameters.values) { values in PQconnectStartParams(keywords, values, 0) }
        }
        guard let connection = started else { throw PostgresError(.connectFailed, "libpq is out of memory") }
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        var state = PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING else {
                let error = PostgresError(.connectFailed, message(of: connection))
                PQfinish(connection)
                throw error
            }
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard wait(for: events, on: PQsocket(connection), until: deadline) != 0 else {
                PQfinish(connection)
                throw PostgresError(.connectFailed, "the server did not answer within the limit for connecting")
            }
            state = PQconnectPoll(connection)
        }
        return connection
    }
}

/// Arrays of C strings that end in nil.
private enum CStrings {
    static func with<R>(_ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> R) -> R {
        let copies = strings.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies.map { UnsafePointer($0) } + [nil])
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> Substring {
        var rest = drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
