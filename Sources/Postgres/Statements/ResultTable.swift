import CPostgres

/// The rows of one answer, copied out of the C library so that they can go anywhere.
final class ResultTable: Sendable {
    struct Column: Sendable {
        let name: String
        let type: PostgresType
    }

    let columns: [Column]
    let rowCount: Int
    private let bytes: [UInt8]
    /// Where each value ends in `bytes`, row by row; negative (the complement) for NULL.
    private let ends: [Int]

    init(_ result: borrowing ResultHandle) {
        let pointer = result.pointer
        let columnCount = PQnfields(pointer)
        let rowCount = PQntuples(pointer)
        var bytes: [UInt8] = []
        var ends: [Int] = []
        ends.reserveCapacity(Int(rowCount) * Int(columnCount))
        for row in 0..<rowCount {
            for column in 0..<columnCount {
                if PQgetisnull(pointer, row, column) == 1 {
                    ends.append(~bytes.count)
                } else if let value = PQgetvalue(pointer, row, column) {
                    bytes.append(
                        contentsOf: UnsafeRawBufferPointer(start: value, count: Int(PQgetlength(pointer, row, column))))
                    ends.append(bytes.count)
                }
            }
        }
        columns = (0..<columnCount).map { index in
            Column(
                name: PQfname(pointer, index).map { String(cString: $0) } ?? "",
                type: PostgresType(rawValue: PQftype(pointer, index)))
        }
        self.rowCount = Int(rowCount)
        self.bytes = bytes
        self.ends = ends
    }

    /// The bytes of a value; nil for NULL.
    func value(row: Int, column: Int) -> ArraySlice<UInt8>? {
        let index = row * columns.count + column
        let end = ends[index]
        guard end >= 0 else { return nil }
        let start = index == 0 ? 0 : ends[index - 1]
        return bytes[(start < 0 ? ~start : start)..<end]
    }
}
