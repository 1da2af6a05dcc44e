/// Reads a stream of server-sent events, as the HTML standard says.
package struct ServerSentEventParser: Sendable {
    package struct Event: Sendable, Hashable {
        /// The last id of the stream up to here; empty when there was none.
        package var id: String
        package var name: String
        package var data: String
    }

    /// A line longer than this ends the stream, in bytes.
    package static let lineMax = 64 * 1024 * 1024

    /// A line that is too long.
    package struct Overflow: Error {}

    private var line: [UInt8] = []
    private var skipsLineFeed = false
    private var isFirstLine = true
    private var id = ""
    private var name = ""
    private var data: [String] = []

    package init() {}

    /// Takes the next bytes; gives the events that they complete.
    package mutating func feed(_ bytes: some Sequence<UInt8>) throws -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            if skipsLineFeed {
                skipsLineFeed = false
                if byte == 0x0A { continue }
            }
            switch byte {
            case 0x0A, 0x0D:
                skipsLineFeed = byte == 0x0D
                if let event = endLine() { events.append(event) }
            default:
                guard line.count < Self.lineMax else { throw Overflow() }
                line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine() -> Event? {
        defer {
            line.removeAll(keepingCapacity: true)
            isFirstLine = false
        }
        if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        if line.isEmpty { return dispatch() }
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix(":") { return nil }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count > 1 ? String(parts[1].hasPrefix(" ") ? parts[1].dropFirst() : parts[1]) : ""
        switch parts[0] {
        case "event": name = value
        case "data": data.append(value)
        case "id" where !value.unicodeScalars.contains("\0"): id = value
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> Event? {
        defer {
            name = ""
            data = []
        }
        guard !data.isEmpty else { return nil }
        return Event(id: id, name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"))
    }
}
