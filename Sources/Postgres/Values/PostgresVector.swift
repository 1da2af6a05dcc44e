/// A pgvector embedding.
///
/// The type's number differs between databases, so it is sent as text with a cast; in an array it is a text element:
/// `unnest(\(vectors)::text[])::vector`.
package struct PostgresVector: Hashable, PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .inferred }
    package static var elementType: PostgresType { .text }
    package static var isText: Bool { true }
    package static var sqlCast: String { "::vector" }

    package let elements: [Float]

    package init(_ elements: [Float]) { self.elements = elements }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) {
        guard !elements.isEmpty, elements.allSatisfy(\.isFinite) else {
            throw PostgresError(.encodingFailed, "a vector needs at least one element and only finite ones")
        }
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: element.description.utf8)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    package init(_ cell: Cell) throws(PostgresError) {
        guard cell.type.isUserDefined else { throw cell.mismatch(PostgresVector.self) }
        var reader = cell.reader
        let dimensions = Int(try reader.integer(Int16.self))
        let _: Int16 = try reader.integer()
        guard reader.remaining == dimensions * MemoryLayout<Float>.size else {
            throw cell.mismatch(PostgresVector.self)
        }
        var elements: [Float] = []
        elements.reserveCapacity(dimensions)
        for _ in 0..<dimensions { elements.append(Float(bitPattern: try reader.integer())) }
        self.elements = elements
    }
}
