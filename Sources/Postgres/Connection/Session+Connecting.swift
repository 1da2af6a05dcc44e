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
