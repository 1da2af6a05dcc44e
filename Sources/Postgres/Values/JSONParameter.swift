#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A jsonb parameter, from a value or from JSON that is text already.
///
/// Dates inside become ISO 8601 strings with milliseconds, which `Row.json` reads back.
package struct JSONParameter: PostgresEncodable {
    private enum Content: Sendable {
        case value(any Encodable & Sendable)
        case text(String)
    }

    package static var parameterType: PostgresType { .jsonb }

    private static let binaryVersion: UInt8 = 1
    private let content: Content

    /// The JSON form of `value`.
    package init(_ value: some Encodable & Sendable) {
        content = .value(value)
    }

    /// JSON text, sent as it is; the server refuses what is not JSON.
    package init(text: String) {
        content = .text(text)
    }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) {
        bytes.append(Self.binaryVersion)
        switch content {
        case .text(let text): try text.encode(into: &bytes)
        case .value(let value):
            do {
                bytes.append(contentsOf: try JSONForm.encoder.encode(value))
            } catch {
                throw PostgresError(.encodingFailed, "a value has no JSON form", cause: error)
            }
        }
    }
}

/// The one way in which the driver writes and reads JSON.
enum JSONForm {
    private static let fine = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    private static let millisecondsPerSecond = 1000.0
    /// The style cuts off where it should round; after rounding, this keeps the last digit.
    private static let guardSeconds = 0.000_1

    static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            let seconds = (date.timeIntervalSince1970 * millisecondsPerSecond).rounded() / millisecondsPerSecond
            try container.encode(Date(timeIntervalSince1970: seconds + guardSeconds).formatted(fine))
        }
        return encoder
    }()

    static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            try fine.parse(decoder.singleValueContainer().decode(String.self))
        }
        return decoder
    }()
}

extension Row {
    /// Reads a json or jsonb column as a value; NULL reads as JSON `null`, so an optional type becomes nil.
    package func json<T: Decodable>(_ column: String, as type: T.Type = T.self) throws(PostgresError) -> T {
        let bytes = try decode(column, as: [UInt8]?.self) ?? Array("null".utf8)
        do {
            return try JSONForm.decoder.decode(type, from: Data(bytes))
        } catch {
            throw PostgresError(.decodingFailed, "column \"\(column)\" holds no JSON form of \(type)", cause: error)
        }
    }
}
