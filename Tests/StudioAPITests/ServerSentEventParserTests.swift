import Testing

@testable import StudioClient

@Suite struct ServerSentEventParserTests {
    private func parse(_ pieces: String...) throws -> [ServerSentEventParser.Event] {
        var parser = ServerSentEventParser()
        return try pieces.flatMap { try parser.feed($0.utf8) }
    }

    @Test func `an event has an id, a name and data`() throws {
        #expect(
            try parse("id: 7\nevent: task.state\ndata: {}\n\n")
                == [ServerSentEventParser.Event(id: "7", name: "task.state", data: "{}")])
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func `lines end in any of three ways`(end: String) throws {
        let text = ["event: a", "data: 1", "", "data: 2", "", ""].joined(separator: end)
        // A lone carriage return could be half of an end, so the last event needs what follows.
        let events = try parse(text)
        #expect(events.map(\.data) == ["1", "2"])
        #expect(events.map(\.name) == ["a", "message"])
    }

    @Test func `bytes may come one by one`() throws {
        var parser = ServerSentEventParser()
        var events: [ServerSentEventParser.Event] = []
        for byte in "id: 1\r\nevent: é\r\ndata: ü\r\n\r\n".utf8 { events += try parser.feed([byte]) }
        #expect(events == [ServerSentEventParser.Event(id: "1", name: "é", data: "ü")])
    }

    @Test func `several lines of data are one text`() throws {
        #expect(try parse("data: a\ndata:b\ndata\n\n").map(\.data) == ["a\nb\n"])
    }

    @Test func `comments, unknown fields and events without data are no events`() throws {
        #expect(try parse(": heartbeat\n\nretry: 3\n\nevent: x\n\nfoo: bar\n\n").isEmpty)
    }

    @Test func `an id stays until another comes, one with a zero byte does not count`() throws {
        #expect(try parse("id: 5\ndata: a\n\ndata: b\n\nid: \u{0}\ndata: c\n\n").map(\.id) == ["5", "5", "5"])
    }

    @Test func `a byte order mark is skipped, only at the beginning`() throws {
        #expect(try parse("\u{FEFF}data: a\n\n").map(\.data) == ["a"])
    }
}
