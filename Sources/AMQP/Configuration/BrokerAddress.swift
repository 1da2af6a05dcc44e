/// The parts of an AMQP URL; its description leaves the credentials out.
struct BrokerAddress: Sendable, Equatable {
    let usesTLS: Bool
    let user: String
    let password: String
    let host: String
    let port: Int
    let vhost: String

    init(url: String) throws(AMQPError) {
        let afterScheme: Substring
        if url.hasPrefix("amqps://") {
            (usesTLS, afterScheme) = (true, url.dropFirst("amqps://".count))
        } else if url.hasPrefix("amqp://") {
            (usesTLS, afterScheme) = (false, url.dropFirst("amqp://".count))
        } else {
            throw Self.invalid("it must start with amqp:// or amqps://")
        }
        guard !afterScheme.contains("?"), !afterScheme.contains("#") else {
            throw Self.invalid("query parameters are not supported; encode ? as %3F and # as %23")
        }

        let slash = afterScheme.firstIndex(of: "/") ?? afterScheme.endIndex
        let authority = afterScheme[..<slash]
        let path = afterScheme[slash...].dropFirst()
        guard !path.contains("/") else { throw Self.invalid("a / inside the vhost must be encoded as %2F") }
        vhost = path.isEmpty ? "/" : try Self.decoded(path, "vhost")

        guard let at = authority.lastIndex(of: "@") else { throw Self.invalid("user:password@ is missing") }
        let credentials = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard credentials.count == 2, !credentials[0].isEmpty else {
            throw Self.invalid("the credentials must read user:password")
        }
        user = try Self.decoded(credentials[0], "user")
        password = try Self.decoded(credentials[1], "password")
        (host, port) = try Self.hostAndPort(authority[authority.index(after: at)...], usesTLS: usesTLS)
    }

    private static func hostAndPort(
        _ text: Substring, usesTLS: Bool
    ) throws(AMQPError) -> (host: String, port: Int) {
        var host = text
        var portText: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw invalid("the IPv6 address has no closing ]") }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw invalid("only :port may follow the IPv6 address") }
            portText = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else { throw invalid("the host is missing") }
        guard let portText else { return (String(host), usesTLS ? 5671 : 5672) }
        guard let port = Int(portText), (1...65535).contains(port) else {
            throw invalid("the port must be a number from 1 to 65535")
        }
        return (String(host), port)
    }

    private static func decoded(_ text: Substring, _ part: String) throws(AMQPError) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                throw invalid("the \(part) has a % that two hexadecimal digits do not follow")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw invalid("the \(part) is not UTF-8 text")
        }
        return decoded
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func invalid(_ reason: String) -> AMQPError {
        AMQPError(.invalidConfiguration, "the broker URL cannot be used: \(reason)")
    }
}

extension BrokerAddress: CustomStringConvertible, CustomReflectable {
    var description: String { "\(usesTLS ? "amqps" : "amqp")://\(host):\(port) vhost \(vhost)" }
    var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
