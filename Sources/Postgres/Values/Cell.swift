/// One value as the server sent it, in the type's binary form.
package struct Cell: Sendable {
    /// The name of the column, for error messages.
    package let column: String
    package let type: PostgresType
    package let bytes: ArraySlice<UInt8>

    var reader: ByteReader { ByteReader(bytes: bytes, column: column) }

    func mismatch(_ wanted: Any.Type) -> PostgresError {
        PostgresError(.decodingFailed, "column \"\(column)\" is \(type), which \(wanted) does not read")
    }

    func outOfRange(_ wanted: Any.Type) -> PostgresError {
        PostgresError(.decodingFailed, "column \"\(column)\" holds a value out of the range of \(wanted)")
    }
}

/// Reads big-endian fields one after another.
struct ByteReader {
    private var rest: ArraySlice<UInt8>
    private let column: String

    init(bytes: ArraySlice<UInt8>, column: String) {
        rest = bytes
        self.column = column
    }

    var remaining: Int { rest.count }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(PostgresError) -> T {
        let bytes = try bytes(MemoryLayout<T>.size)
        return bytes.withUnsafeBytes { T(bigEndian: $0.loadUnaligned(as: T.self)) }
    }

    mutating func bytes(_ count: Int) throws(PostgresError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else {
            throw PostgresError(.decodingFailed, "column \"\(column)\" holds fewer bytes than its type needs")
        }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
