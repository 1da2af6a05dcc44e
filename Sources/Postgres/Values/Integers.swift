extension PostgresEncodable where Self: FixedWidthInteger {
    package func encode(into bytes: inout [UInt8]) throws(PostgresError) { bytes.append(bigEndian: self) }
}

extension PostgresDecodable where Self: FixedWidthInteger {
    /// Reads any integer column, and a numeric one that holds a whole number, when the value fits.
    package init(_ cell: Cell) throws(PostgresError) {
        var reader = cell.reader
        let value: Int64
        switch cell.type {
        case .int8: value = try reader.integer()
        case .int4: value = Int64(try reader.integer(Int32.self))
        case .int2: value = Int64(try reader.integer(Int16.self))
        case .oid: value = Int64(try reader.integer(UInt32.self))
        case .numeric:
            guard let whole = Int64(try Numeric(cell).description) else { throw cell.outOfRange(Self.self) }
            value = whole
        default: throw cell.mismatch(Self.self)
        }
        guard let fitting = Self(exactly: value) else { throw cell.outOfRange(Self.self) }
        self = fitting
    }
}

extension Int: PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .int8 }
}

extension Int64: PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .int8 }
}

extension Int32: PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .int4 }
}

extension Int16: PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .int2 }
}

/// A single byte is an int2; an array of bytes is a bytea.
extension UInt8: PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .int2 }
    package static var arrayType: PostgresType? { .bytea }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) { bytes.append(bigEndian: Int16(self)) }

    package static func encode(array: [UInt8], into bytes: inout [UInt8]) throws(PostgresError) {
        bytes += array
    }

    package static func array(_ cell: Cell) throws(PostgresError) -> [UInt8] {
        switch cell.type {
        case .bytea: Array(cell.bytes)
        case .jsonb, .json, .text, .varchar: Array(try cell.textBytes(for: [UInt8].self))
        default: throw cell.mismatch([UInt8].self)
        }
    }
}

extension Bool: PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .bool }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) { bytes.append(self ? 1 : 0) }

    package init(_ cell: Cell) throws(PostgresError) {
        guard cell.type == .bool else { throw cell.mismatch(Bool.self) }
        var reader = cell.reader
        self = try reader.integer(UInt8.self) != 0
    }
}
