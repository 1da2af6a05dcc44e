/// A value that can be read from a column.
///
/// An enum with a raw value, or any type over one decodable raw value, conforms by declaration alone.
package protocol PostgresDecodable: Sendable {
    init(_ cell: Cell) throws(PostgresError)

    /// The value that stands for NULL; throws unless the type is optional.
    static func null(in column: String) throws(PostgresError) -> Self

    /// Reads an array of these.
    static func array(_ cell: Cell) throws(PostgresError) -> [Self]
}

extension PostgresDecodable {
    package static func null(in column: String) throws(PostgresError) -> Self {
        throw PostgresError(.decodingFailed, "column \"\(column)\" is NULL; read it as \(Self.self)?")
    }

    package static func array(_ cell: Cell) throws(PostgresError) -> [Self] {
        var reader = cell.reader
        let dimensions: Int32 = try reader.integer()
        let _: Int32 = try reader.integer()
        let elementType: UInt32 = try reader.integer()
        if dimensions == 0 { return [] }
        guard dimensions == 1 else { throw cell.mismatch([Self].self) }
        let count: Int32 = try reader.integer()
        let _: Int32 = try reader.integer()
        guard count >= 0, Int(count) <= reader.remaining / 4 else { throw cell.mismatch([Self].self) }
        var elements: [Self] = []
        elements.reserveCapacity(Int(count))
        for _ in 0..<count {
            let length: Int32 = try reader.integer()
            if length < 0 {
                elements.append(try Self.null(in: cell.column))
            } else {
                let bytes = try reader.bytes(Int(length))
                elements.append(
                    try Self(Cell(column: cell.column, type: PostgresType(rawValue: elementType), bytes: bytes)))
            }
        }
        return elements
    }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    package init(_ cell: Cell) throws(PostgresError) {
        guard let value = Self(rawValue: try RawValue(cell)) else {
            throw PostgresError(.decodingFailed, "column \"\(cell.column)\" holds no known \(Self.self)")
        }
        self = value
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package init(_ cell: Cell) throws(PostgresError) {
        self = try Wrapped(cell)
    }

    package static func null(in column: String) throws(PostgresError) -> Self { nil }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    package init(_ cell: Cell) throws(PostgresError) {
        self = try Element.array(cell)
    }
}
