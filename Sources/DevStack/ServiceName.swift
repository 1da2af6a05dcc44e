/// A service of the local stack.
package enum ServiceName: String, Sendable, Codable, CaseIterable, Hashable, CustomStringConvertible {
    case postgres
    case rabbitmq
    case s3

    package var description: String { rawValue }
}
