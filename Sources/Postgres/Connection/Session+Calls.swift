import BlockingIO
import CPostgres

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Session {
    /// How long the answer to a cancel request may take before the socket is shut down.
    private static let cancelGrace = Duration.seconds(1)

    /// Sends with `send`, which returns 1 when libpq took it, and returns the last answer or throws the first failure.
    func call(
        until deadline: ContinuousClock.Instant, _ send: () -> Int32
    ) throws(PostgresError) -> ResultHandle {
        guard send() == 1 else { throw lost() }
        try flush(until: deadline)
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
            case 1:
                // The server may have to write before it can read: take what it sends.
                let events = try wait(for: POLLIN | POLLOUT, until: deadline)
                if events & POLLIN != 0, PQconsumeInput(connection) == 0 { return }
            default:
                // Done, or the connection is broken: then reading says why.
                return
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

    static func message(of connection: OpaquePointer) -> String {
        guard let message = PQerrorMessage(connection) else { return "" }
        return String(cString: message).split(separator: "\n").map { $0.trimmingSpaces() }.joined(separator: "; ")
    }

    /// The events seen on `descriptor`; 0 when the deadline came first.
    static func wait(
        for events: Int32, on descriptor: Int32, until deadline: ContinuousClock.Instant
    ) -> Int32 {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let limit = (deadline - .now).pollMilliseconds
            if poll(&entry, 1, limit) > 0 { return Int32(entry.revents) }
            if limit == 0 { return 0 }
        }
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> Substring {
        var rest = drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
