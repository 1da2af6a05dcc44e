/// A transaction that is open on this connection, lent for the length of a synchronous closure.
///
/// It cannot be copied, stored or sent elsewhere, and the closure cannot await: no transaction is ever held open across
/// other I/O.
package struct Transaction: ~Copyable {
    let session: Session

    /// Runs a statement and returns its rows.
    package borrowing func query(_ statement: SQL) throws(PostgresError) -> [Row] {
        try session.run(statement).rows()
    }

    /// Runs a statement and returns its first row; nil when there is none.
    package borrowing func first(_ statement: SQL) throws(PostgresError) -> Row? {
        try query(statement).first
    }

    /// Runs a statement and returns how many rows it affected.
    @discardableResult
    package borrowing func execute(_ statement: SQL) throws(PostgresError) -> Int {
        try session.run(statement).affectedRows
    }

    /// Runs several statements without parameters; the whole script is one call with one deadline.
    borrowing func run(script: String) throws(PostgresError) {
        _ = try session.run(script: script)
    }

    /// Replaces the client's limit on each further call of this transaction.
    borrowing func limitCalls(to limit: Duration) {
        session.callLimit = limit
    }
}
