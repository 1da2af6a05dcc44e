/// Finds the statements in what one client says to Postgres, and changes their text.
struct StatementFilter {
    private let change: (String) -> String
    private var bytes: [UInt8] = []
    private var hasStarted = false

    init(change: @escaping (String) -> String) {
        self.change = change
    }

    /// Takes in what the client said next; answers the messages that are complete now.
    mutating func pass(_ more: [UInt8]) -> [UInt8] {
        bytes += more
        var passed: [UInt8] = []
        while let message = next() { passed += rewritten(message) }
        return passed
    }

    /// The next whole message: its type, if it has one, four bytes of length, which count themselves, and its body.
    private mutating func next() -> [UInt8]? {
        let head = hasStarted ? 1 : 0
        guard bytes.count >= head + 4 else { return nil }
        let length = head + bytes[head..<head + 4].reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count >= length else { return nil }
        let message = Array(bytes[..<length])
        bytes.removeFirst(length)
        // Requests for encryption come before the message that says the protocol's version, 3: their numbers are odd.
        if !hasStarted { hasStarted = message.count > 8 && message[4] == 0 && message[5] == 3 }
        return message
    }

    private func rewritten(_ message: [UInt8]) -> [UInt8] {
        let nameEnd: Int?
        switch message[0] {
        case UInt8(ascii: "Q"): nameEnd = 4
        case UInt8(ascii: "P"): nameEnd = message[5...].firstIndex(of: 0)
        default: return message
        }
        guard hasStarted, let nameEnd, let textEnd = message[(nameEnd + 1)...].firstIndex(of: 0) else { return message }
        let text = String(decoding: message[(nameEnd + 1)..<textEnd], as: UTF8.self)
        let body = message[5..<nameEnd + 1] + Array(change(text).utf8) + message[textEnd...]
        let length = UInt32(body.count + 4)
        return [message[0]] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) } + body
    }
}
