/// Puts a message together from the method, header and body frames that carry it.
///
/// Frames are taken as they come, so a peer that stops in the middle of a message blocks nobody.
struct ContentAssembly {
    /// The method that announced the content.
    enum Origin: Equatable {
        case delivery(tag: UInt64, queue: String, routingKey: String, redelivered: Bool, left: Int? = nil)
        case returned
    }

    struct Content: Equatable {
        let origin: Origin
        let properties: ContentProperties
        /// Empty when the content is too large or its body is of no interest.
        let body: [UInt8]
        let isTooLarge: Bool
    }

    private enum State {
        case idle
        case awaitingHeader(Origin)
        case awaitingBody(Origin, ContentProperties, bytesMissing: UInt64, keeps: Bool, isTooLarge: Bool)
    }

    private let bodyBytesMax: Int
    private var state = State.idle
    private var body: [UInt8] = []

    init(bodyBytesMax: Int = AMQPConfiguration.bodyBytesMax) { self.bodyBytesMax = bodyBytesMax }

    /// Whether no content is under way; other methods of the channel may only come then.
    var isIdle: Bool { if case .idle = state { true } else { false } }

    mutating func begin(_ origin: Origin) throws(AMQPError) {
        guard isIdle else { throw Self.violation("a message begins inside another") }
        state = .awaitingHeader(origin)
    }

    mutating func header(bodyBytes: UInt64, properties: ContentProperties) throws(AMQPError) -> Content? {
        guard case .awaitingHeader(let origin) = state else { throw Self.violation("a header without its method") }
        let isTooLarge = bodyBytes > UInt64(bodyBytesMax)
        let keeps = origin != .returned && !isTooLarge
        if keeps { body.reserveCapacity(Int(bodyBytes)) }
        state = .awaitingBody(origin, properties, bytesMissing: bodyBytes, keeps: keeps, isTooLarge: isTooLarge)
        return completed()
    }

    mutating func fragment(_ bytes: UnsafeRawBufferPointer) throws(AMQPError) -> Content? {
        guard case .awaitingBody(let origin, let properties, let missing, let keeps, let isTooLarge) = state else {
            throw Self.violation("a body without its header")
        }
        guard UInt64(bytes.count) <= missing else { throw Self.violation("a body longer than announced") }
        if keeps { body.append(contentsOf: bytes) }
        state = .awaitingBody(
            origin, properties, bytesMissing: missing - UInt64(bytes.count), keeps: keeps, isTooLarge: isTooLarge)
        return completed()
    }

    private mutating func completed() -> Content? {
        guard case .awaitingBody(let origin, let properties, 0, _, let isTooLarge) = state else { return nil }
        defer {
            state = .idle
            body = []
        }
        return Content(origin: origin, properties: properties, body: body, isTooLarge: isTooLarge)
    }

    private static func violation(_ what: String) -> AMQPError { AMQPError(.protocolViolation, what) }
}
