extension Double: PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .float8 }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) { bytes.append(bigEndian: bitPattern) }

    /// Reads float and integer columns, and numeric ones to the nearest double.
    package init(_ cell: Cell) throws(PostgresError) {
        var reader = cell.reader
        switch cell.type {
        case .float8: self = Double(bitPattern: try reader.integer())
        case .float4: self = Double(Float(bitPattern: try reader.integer()))
        case .int8, .int4, .int2: self = Double(try Int64(cell))
        case .numeric:
            guard let value = Double(try Numeric(cell).description) else { throw cell.outOfRange(Double.self) }
            self = value
        default: throw cell.mismatch(Double.self)
        }
    }
}

extension Float: PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .float4 }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) { bytes.append(bigEndian: bitPattern) }

    package init(_ cell: Cell) throws(PostgresError) {
        var reader = cell.reader
        switch cell.type {
        case .float4: self = Float(bitPattern: try reader.integer())
        case .float8: self = Float(Double(bitPattern: try reader.integer()))
        default: throw cell.mismatch(Float.self)
        }
    }
}
