/// A statement whose interpolated values are parameters, never text.
///
///     let statement: SQL = "SELECT name FROM shots WHERE id = \(id) AND state = ANY(\(states))"
///
/// `\(unsafe:)` inserts text as it is, for identifiers made by the program; `\(fragment:)` inserts another statement
/// with its parameters.
package struct SQL: Sendable {
    /// The text around the values: always one more than there are values.
    private var segments: [String]
    /// The values in the order of their parameters.
    package private(set) var values: [any PostgresEncodable]

    package init() {
        segments = [""]
        values = []
    }

    /// The text with `$1`, `$2`… where the values go.
    package var text: String {
        guard segments.count > 1 else { return segments[0] }
        var text = ""
        text.reserveCapacity(segments.reduce(0) { $0 + $1.utf8.count + 4 })
        for (index, segment) in segments.enumerated() {
            if index > 0 { text += "$\(index)" }
            text += segment
        }
        return text
    }

    package mutating func append(_ other: SQL) {
        segments[segments.count - 1] += other.segments[0]
        segments += other.segments.dropFirst()
        values += other.values
    }

    package static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum.append(right)
        return sum
    }

    package static func += (left: inout SQL, right: SQL) { left.append(right) }

    fileprivate mutating func append(text: String) { segments[segments.count - 1] += text }

    fileprivate mutating func append<T: PostgresEncodable>(value: T) {
        values.append(value)
        segments.append(T.sqlCast)
    }
}

extension SQL: ExpressibleByStringInterpolation {
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var statement = SQL()

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ literal: String) { statement.append(text: literal) }

        /// A value becomes the next parameter.
        package mutating func appendInterpolation<T: PostgresEncodable>(_ value: T) { statement.append(value: value) }

        /// A value that may be NULL becomes the next parameter.
        package mutating func appendInterpolation<T: PostgresEncodable>(optional value: T?) {
            statement.append(value: value)
        }

        /// Text becomes part of the statement; never pass anything that came from outside.
        package mutating func appendInterpolation(unsafe text: String) { statement.append(text: text) }

        /// Another statement becomes part of this one, its parameters renumbered.
        package mutating func appendInterpolation(fragment: SQL) { statement.append(fragment) }
    }

    package init(stringLiteral: String) {
        segments = [stringLiteral]
        values = []
    }

    package init(stringInterpolation: StringInterpolation) { self = stringInterpolation.statement }
}

extension SQL: CustomStringConvertible {
    /// The text without the values.
    package var description: String { text }
}

extension Sequence<SQL> {
    /// One statement of all of them with `separator` between.
    package func joined(separator: SQL) -> SQL {
        var joined = SQL()
        var isFirst = true
        for part in self {
            if !isFirst { joined.append(separator) }
            isFirst = false
            joined.append(part)
        }
        return joined
    }
}
