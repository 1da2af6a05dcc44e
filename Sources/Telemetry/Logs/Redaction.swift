import Logging

/// Takes secrets out of what is logged.
package enum Redaction {
    package static let mark = "[redacted]"

    /// A metadata key that contains one of these, in any case, hides its value.
    private static let secretKeys = [
        "secret", "password", "passwd", "token", "authorization", "signature", "api_key", "apikey", "api-key",
        "credential", "cookie",
    ]

    static func metadata(_ metadata: Logger.Metadata) -> Logger.Metadata {
        var result = metadata
        for (key, item) in metadata { result[key] = value(item, under: key) }
        return result
    }

    private static func value(_ value: Logger.MetadataValue, under key: String) -> Logger.MetadataValue {
        if isSecret(key) { return .string(mark) }
        return switch value {
        case .string(let text): .string(self.text(text))
        case .stringConvertible(let value): .string(text(value.description))
        case .array(let values): .array(values.map { self.value($0, under: key) })
        case .dictionary(let fields): .dictionary(metadata(fields))
        }
    }

    package static func isSecret(_ key: String) -> Bool {
        let key = key.lowercased()
        return secretKeys.contains { key.contains($0) }
    }

    /// Hides the values of `X-Amz-…` query parameters, passwords within URLs, and bearer tokens.
    package static func text(_ text: String) -> String {
        var result = text
        result = hiding(after: "x-amz-", from: "=", in: result)
        result = hidingPasswords(in: result)
        return hiding(after: "bearer", from: " ", in: result)
    }

    private static func endsValue(_ byte: UInt8) -> Bool {
        byte <= 0x20 || Array("&\"',)".utf8).contains(byte)
    }

    /// Hides what follows `separator` after each `marker` (in lower case), up to the end of the value.
    private static func hiding(after marker: String, from separator: Character, in text: String) -> String {
        let bytes = Array(text.utf8)
        let folded = bytes.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
        let marker = Array(marker.utf8)
        guard let separator = separator.asciiValue, let found = index(of: marker, in: folded, from: 0) else {
            return text
        }
        var result: [UInt8] = []
        var copied = 0
        var next: Int? = found
        while let start = next {
            var cursor = start + marker.count
            while cursor < bytes.count, bytes[cursor] != separator, !endsValue(bytes[cursor]) { cursor += 1 }
            if cursor < bytes.count, bytes[cursor] == separator {
                var end = cursor + 1
                while end < bytes.count, !endsValue(bytes[end]) { end += 1 }
                result += bytes[copied...cursor]
                if end > cursor + 1 { result += Array(mark.utf8) }
                copied = end
                cursor = end
            }
            next = index(of: marker, in: folded, from: cursor)
        }
        result += bytes[copied...]
        return String(decoding: result, as: UTF8.self)
    }

    /// `scheme://user:password@host` loses its password.
    private static func hidingPasswords(in text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var copied = 0
        var next = index(of: Array("://".utf8), in: bytes, from: 0)
        while let start = next {
            var cursor = start + 3
            var colon: Int?
            while cursor < bytes.count, !endsValue(bytes[cursor]), bytes[cursor] != UInt8(ascii: "/"),
                bytes[cursor] != UInt8(ascii: "@")
            {
                if bytes[cursor] == UInt8(ascii: ":"), colon == nil { colon = cursor }
                cursor += 1
            }
            if let colon, cursor < bytes.count, bytes[cursor] == UInt8(ascii: "@") {
                result += bytes[copied...colon] + Array(mark.utf8)
                copied = cursor
            }
            next = index(of: Array("://".utf8), in: bytes, from: cursor)
        }
        result += bytes[copied...]
        return String(decoding: result, as: UTF8.self)
    }

    private static func index(of pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= pattern.count, start <= bytes.count - pattern.count else { return nil }
        return (start...(bytes.count - pattern.count)).first { place in
            bytes[place] == pattern[0] && bytes[place...].starts(with: pattern)
        }
    }
}
