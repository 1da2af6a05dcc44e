/// One row of an answer.
package struct Row: Sendable {
    let table: ResultTable
    let index: Int

    /// The names of the columns, in order.
    package var columns: [String] { table.columns.map(\.name) }

    /// Reads the first column of that name.
    ///
    /// NULL is an error unless the type is optional.
    package func decode<T: PostgresDecodable>(_ column: String, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard let position = table.columns.firstIndex(where: { $0.name == column }) else {
            let names = columns.joined(separator: ", ")
            throw PostgresError(.decodingFailed, "there is no column \"\(column)\" among: \(names)")
        }
        return try decode(position, as: type)
    }

    /// Reads the column at a position that counts from 0.
    package func decode<T: PostgresDecodable>(_ position: Int, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard table.columns.indices.contains(position) else {
            throw PostgresError(
                .decodingFailed, "there is no column at \(position): the row has \(table.columns.count)")
        }
        let column = table.columns[position]
        guard let bytes = table.value(row: index, column: position) else { return try T.null(in: column.name) }
        return try T(Cell(column: column.name, type: column.type, bytes: bytes))
    }

    /// Whether the column is NULL; false for a column that does not exist.
    package func isNull(_ column: String) -> Bool {
        table.columns.firstIndex { $0.name == column }.map { table.value(row: index, column: $0) == nil } ?? false
    }
}
