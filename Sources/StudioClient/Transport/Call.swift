import FoundationEssentials
import NIOHTTP1

/// One request of the API, before it is sent.
struct Call: Sendable {
    let method: HTTPMethod
    let path: String
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body: Data?
    /// Time that the answer may take on top of the usual.
    var patience = Duration.zero

    init(_ method: HTTPMethod, _ path: String) {
        self.method = method
        self.path = path
    }

    mutating func add(limit: Int?, cursor: String?) {
        if let limit { query.append(("limit", String(limit))) }
        if let cursor { query.append(("cursor", cursor)) }
    }

    func url(below base: String) -> String {
        guard !query.isEmpty else { return base + path }
        let pairs = query.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }
        return "\(base)\(path)?\(pairs.joined(separator: "&"))"
    }

    /// Everything but the unreserved characters of RFC 3986 in percents.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }
}
