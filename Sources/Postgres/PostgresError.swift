/// What went wrong between the program and Postgres.
///
/// The description carries codes, names and the server's message, and never a bound value.
package struct PostgresError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The configuration cannot be used; nothing was tried.
        case invalidConfiguration
        /// No connection could be made.
        case connectFailed
        /// The connection broke, and what ran on it did not commit (see `outcomeUnknown` for when it may have).
        case connectionLost
        /// A call did not come back within the client's own deadline and its connection was cut.
        case deadlineExceeded
        /// A commit, or a statement outside a transaction, was sent and never answered: it may have happened.
        /// Read back by key before trying again.
        case outcomeUnknown
        /// The server refused a statement; see `sqlState`.
        case statementFailed
        /// A cached plan no longer fits the tables; the same work succeeds on another connection.
        case planChanged
        /// The transaction was asked to commit after a statement in it had failed; it was rolled back.
        case transactionAborted
        /// No connection came free within the checkout timeout.
        case checkoutTimedOut
        /// Too many callers wait for a connection already.
        case tooManyWaiters
        /// The waiting task was cancelled; nothing was sent.
        case cancelled
        /// The client is closed.
        case closed
        /// A value cannot be sent.
        case encodingFailed
        /// A column is missing, NULL, or of another type than the one asked for.
        case decodingFailed
        /// A migration breaks its contract, or does not fit the database; nothing of it was applied.
        case migrationRefused
    }

    package let code: Code
    package let detail: String
    /// The server's error code, when the server said why.
    package let sqlState: SQLState?
    /// The violated constraint, when there is one.
    package let constraint: String?
    package let cause: (any Error)?

    package init(
        _ code: Code, _ detail: String, sqlState: SQLState? = nil, constraint: String? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.detail = detail
        self.sqlState = sqlState
        self.constraint = constraint
        self.cause = cause
    }

    /// Whether the same work may succeed a little later, and was certainly not done now.
    package var isTransient: Bool {
        switch code {
        case .connectFailed, .connectionLost, .deadlineExceeded, .planChanged, .checkoutTimedOut, .tooManyWaiters: true
        case .statementFailed: sqlState?.isTransient ?? false
        default: false
        }
    }

    /// Whether the server did not let us in, for a reason that does not pass by itself: the login, or the database.
    var isRefusal: Bool {
        guard code == .connectFailed, let sqlState else { return false }
        return sqlState.errorClass == SQLState.invalidPassword.errorClass || sqlState == .invalidCatalogName
            || sqlState == .insufficientPrivilege
    }

    /// Whether the transaction lost against another one and may be run again at once.
    var isConflict: Bool {
        sqlState == .serializationFailure || sqlState == .deadlockDetected || code == .planChanged
    }

    /// Whether the statement that failed so may still have taken effect: it was sent, and the server did not answer.
    var leavesOutcomeUnknown: Bool {
        code == .connectionLost || (code == .deadlineExceeded && sqlState == nil)
    }

    package var description: String {
        var text = "PostgresError.\(code.rawValue): \(detail)"
        if let sqlState { text += " [\(sqlState)]" }
        if let cause { text += " (cause: \(cause))" }
        return text
    }
}
