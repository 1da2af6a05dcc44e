import CPostgres

/// An answer that the C library owns, freed with this value.
struct ResultHandle: ~Copyable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var status: ExecStatusType { PQresultStatus(pointer) }

    var isFailure: Bool {
        switch status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY: false
        default: true
        }
    }

    var isCopy: Bool { status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH }

    /// What was done, as the server names it, such as `COMMIT`.
    var commandTag: String { String(cString: PQcmdStatus(pointer)) }

    /// How many rows the statement affected; 0 for those that affect none.
    var affectedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    func field(_ code: Int32) -> String? {
        PQresultErrorField(pointer, code).map { String(cString: $0) }
    }

    borrowing func rows() -> [Row] {
        let table = ResultTable(self)
        return (0..<table.rowCount).map { Row(table: table, index: $0) }
    }

    /// The server's refusal without the values it may quote; `fallback` is for failures that are libpq's own.
    func error(fallback: String) -> PostgresError {
        let state = field(cpostgres_field_sqlstate).map(SQLState.init(rawValue:))
        let message = field(cpostgres_field_message) ?? fallback
        return PostgresError(
            .statementFailed, Self.redact(message, state: state), sqlState: state,
            constraint: field(cpostgres_field_constraint))
    }

    /// Messages about bad data (class 22) quote the data.
    static func redact(_ message: String, state: SQLState?) -> String {
        guard state?.errorClass == "22", let start = message.firstIndex(of: "\"") else { return message }
        return message[..<start] + "…"
    }
}
