import Testing

@testable import AMQP

@Suite struct ContentAssemblyTests {
    private let origin = ContentAssembly.Origin.delivery(tag: 7, queue: "q", routingKey: "k", redelivered: true)

    private func add(_ bytes: [UInt8], to assembly: inout ContentAssembly) throws(AMQPError) -> ContentAssembly.Content?
    {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        return try assembly.fragment(UnsafeRawBufferPointer(buffer))
    }

    @Test(arguments: 0..<50)
    func `a body in any number of fragments comes out whole`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let body = (0..<Int.random(in: 1...5000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        var assembly = ContentAssembly()
        try assembly.begin(origin)
        var properties = ContentProperties()
        properties.messageID = "m"
        let early = try assembly.header(bodyBytes: UInt64(body.count), properties: properties)
        #expect(early == nil)
        var rest = body[...]
        var content: ContentAssembly.Content?
        while !rest.isEmpty {
            #expect(content == nil)
            let count = Int.random(in: 1...rest.count, using: &random)
            content = try add(Array(rest.prefix(count)), to: &assembly)
            rest = rest.dropFirst(count)
        }
        #expect(content == .init(origin: origin, properties: properties, body: body, isTooLarge: false))
        #expect(assembly.isIdle)
    }

    @Test func `an empty body is complete with its header`() throws {
        var assembly = ContentAssembly()
        try assembly.begin(origin)
        let content = try assembly.header(bodyBytes: 0, properties: ContentProperties())
        #expect(content?.body == [])
    }

    @Test func `a body over the limit is read away and not kept`() throws {
        var assembly = ContentAssembly(bodyBytesMax: 4)
        try assembly.begin(origin)
        let early = try assembly.header(bodyBytes: 6, properties: ContentProperties())
        #expect(early == nil)
        let half = try add([1, 2, 3], to: &assembly)
        #expect(half == nil)
        let whole = try add([4, 5, 6], to: &assembly)
        let content = try #require(whole)
        #expect(content.isTooLarge)
        #expect(content.body.isEmpty)
        try assembly.begin(origin)
    }

    @Test func `the body of a return is not kept`() throws {
        var assembly = ContentAssembly()
        try assembly.begin(.returned)
        let early = try assembly.header(bodyBytes: 2, properties: ContentProperties())
        #expect(early == nil)
        let whole = try add([1, 2], to: &assembly)
        let content = try #require(whole)
        #expect(content.origin == .returned)
        #expect(content.body.isEmpty)
    }

    @Test func `frames out of order break the protocol`() throws {
        var assembly = ContentAssembly()
        #expect(throws: AMQPError.self) { try assembly.header(bodyBytes: 1, properties: ContentProperties()) }
        #expect(throws: AMQPError.self) { try add([1], to: &assembly) }
        try assembly.begin(origin)
        #expect(throws: AMQPError.self) { try assembly.begin(origin) }
        #expect(throws: AMQPError.self) { try add([1], to: &assembly) }
        _ = try assembly.header(bodyBytes: 1, properties: ContentProperties())
        #expect(throws: AMQPError.self) { try add([1, 2], to: &assembly) }
    }
}
