import CPostgres

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Session {
    /// Makes a connection, or says why there is none.
    static func connect(
        _ parameters: ConnectionParameters, deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> OpaquePointer {
        let started = CStrings.with(parameters.keywords) { keywords in
            CStrings.with(parameters.values) { values in PQconnectStartParams(keywords, values, 0) }
        }
        guard let connection = started else { throw PostgresError(.connectFailed, "libpq is out of memory") }
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        // The code of a refusal is in libpq's verbose message and nowhere else.
        PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
        var state = PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING else {
                defer { PQfinish(connection) }
                throw refusal(of: connection)
            }
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard wait(for: events, on: PQsocket(connection), until: deadline) != 0 else {
                PQfinish(connection)
                throw PostgresError(.connectFailed, "the server did not answer within the limit for connecting")
            }
            state = PQconnectPoll(connection)
        }
        PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
        return connection
    }

    private static func refusal(of connection: OpaquePointer) -> PostgresError {
        let needsPassword = PQconnectionNeedsPassword(connection) == 1
        return refusal(in: message(of: connection), needsPassword: needsPassword)
    }

    /// Reads the server's code out of the verbose message, and leaves what is for people.
    static func refusal(in message: String, needsPassword: Bool = false) -> PostgresError {
        let lines = message.split(separator: "; ").filter { !$0.hasPrefix("LOCATION:") }
        let text = lines.joined(separator: "; ")
        // The last one: libpq tries each host, with and without TLS.
        let code = text.matches(of: /: {2}([0-9A-Z]{5}):/).last.map { SQLState(rawValue: String($0.output.1)) }
        return PostgresError(
            .connectFailed, text.replacing(/: {2}[0-9A-Z]{5}:/, with: ":"),
            sqlState: code ?? (needsPassword ? .invalidPassword : nil))
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
