#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A string is sent without a type, so that it also serves enum, uuid, jsonb and timestamp columns; where nothing tells
/// the server the type (`$1 IS NULL`), write `\(value)::text`. As an array element it is text.
extension String: PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .inferred }
    package static var elementType: PostgresType { .text }
    package static var isText: Bool { true }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) {
        guard !utf8.contains(0) else {
            throw PostgresError(.encodingFailed, "Postgres keeps no text with a NUL character")
        }
        bytes.append(contentsOf: utf8)
    }

    /// Reads text, json, uuid, numeric and enum columns.
    package init(_ cell: Cell) throws(PostgresError) {
        switch cell.type {
        case .uuid: self = try UUID(cell).uuidString.lowercased()
        case .numeric: self = try Numeric(cell).description
        default:
            guard let text = String(validating: try cell.textBytes(for: String.self), as: UTF8.self) else {
                throw cell.mismatch(String.self)
            }
            self = text
        }
    }
}

extension Cell {
    private static let jsonbVersion: UInt8 = 1

    /// The characters of a column whose wire form is its text.
    func textBytes(for wanted: Any.Type) throws(PostgresError) -> ArraySlice<UInt8> {
        switch type {
        case .text, .varchar, .bpchar, .name, .char, .json, .xml, .unknown, .void: return bytes
        case .jsonb where bytes.first == Self.jsonbVersion: return bytes.dropFirst()
        // Enums and domains of text are sent as text; binary forms of extensions (vector) hold zero bytes.
        case _ where type.isUserDefined && !bytes.contains(0): return bytes
        default: throw mismatch(wanted)
        }
    }
}
