/// A value that can be a parameter of a statement.
///
/// An enum with a raw value, or any type over one encodable raw value, conforms by declaration alone.
package protocol PostgresEncodable: Sendable {
    /// The type sent with a parameter; `.inferred` lets the server decide.
    static var parameterType: PostgresType { get }
    /// The type as an element of an array, which is always sent in binary.
    static var elementType: PostgresType { get }
    /// The type of an array of these; nil when there is none.
    static var arrayType: PostgresType? { get }
    /// Whether a single parameter is sent as text rather than in the type's binary form.
    static var isText: Bool { get }
    /// What follows the parameter's number in the statement.
    static var sqlCast: String { get }

    var isNull: Bool { get }

    /// Appends the value's wire form.
    func encode(into bytes: inout [UInt8]) throws(PostgresError)

    /// Appends the wire form of an array.
    static func encode(array: [Self], into bytes: inout [UInt8]) throws(PostgresError)
}

extension PostgresEncodable {
    package static var elementType: PostgresType { parameterType }
    package static var arrayType: PostgresType? { elementType.array }
    package static var isText: Bool { false }
    package static var sqlCast: String { "" }
    package var isNull: Bool { false }

    package static func encode(array: [Self], into bytes: inout [UInt8]) throws(PostgresError) {
        guard arrayType != nil else {
            throw PostgresError(.encodingFailed, "arrays of \(Self.self) cannot be parameters")
        }
        guard array.count <= Int(Int32.max) else { throw PostgresError(.encodingFailed, "an array is too long") }
        bytes.append(bigEndian: Int32(array.isEmpty ? 0 : 1))
        bytes.append(bigEndian: Int32(array.contains(where: \.isNull) ? 1 : 0))
        bytes.append(bigEndian: elementType.rawValue)
        guard !array.isEmpty else { return }
        bytes.append(bigEndian: Int32(array.count))
        bytes.append(bigEndian: Int32(1))
        for element in array {
            let start = bytes.count
            bytes.append(bigEndian: Int32(-1))
            if element.isNull { continue }
            try element.encode(into: &bytes)
            try bytes.setLength(at: start)
        }
    }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    package static var parameterType: PostgresType { RawValue.parameterType }
    package static var elementType: PostgresType { RawValue.elementType }
    package static var arrayType: PostgresType? { RawValue.elementType.array }
    package static var isText: Bool { RawValue.isText }
    package static var sqlCast: String { RawValue.sqlCast }
    package var isNull: Bool { rawValue.isNull }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) {
        try rawValue.encode(into: &bytes)
    }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package static var parameterType: PostgresType { Wrapped.parameterType }
    package static var elementType: PostgresType { Wrapped.elementType }
    package static var arrayType: PostgresType? { Wrapped.elementType.array }
    package static var isText: Bool { Wrapped.isText }
    package static var sqlCast: String { Wrapped.sqlCast }
    package var isNull: Bool { map(\.isNull) ?? true }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) {
        if let self { try self.encode(into: &bytes) }
    }
}

extension Array: PostgresEncodable where Element: PostgresEncodable {
    package static var parameterType: PostgresType { Element.arrayType ?? .inferred }
    package static var arrayType: PostgresType? { Element.arrayType == .bytea ? PostgresType.bytea.array : nil }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) {
        try Element.encode(array: self, into: &bytes)
    }
}

extension [UInt8] {
    mutating func append<T: FixedWidthInteger>(bigEndian value: T) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// Fills in the length of what was appended after the four bytes at `start`.
    fileprivate mutating func setLength(at start: Int) throws(PostgresError) {
        guard let length = Int32(exactly: count - start - 4) else {
            throw PostgresError(.encodingFailed, "an array element is too long")
        }
        Swift.withUnsafeBytes(of: length.bigEndian) { replaceSubrange(start..<start + 4, with: $0) }
    }
}
