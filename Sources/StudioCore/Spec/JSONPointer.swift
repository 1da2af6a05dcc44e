/// A place in a document, written as RFC 6901 says: `/shots/3/duration`; the empty text is the whole document.
package struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    package static let root = JSONPointer("")

    package init(_ text: String) {
        self.text = text
    }

    package var description: String { text }

    /// The place of a member of the object here.
    package func appending(_ name: String) -> JSONPointer {
        var escaped = text + "/"
        for character in name.unicodeScalars {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return JSONPointer(escaped)
    }

    /// The place of an element of the array here.
    package func appending(_ index: Int) -> JSONPointer {
        JSONPointer("\(text)/\(index)")
    }

    /// The names and indices on the way; `nil` when this is not a pointer.
    package var tokens: [String]? {
        guard !text.isEmpty else { return [] }
        guard text.unicodeScalars.first == "/" else { return nil }
        var tokens: [String] = []
        for part in text.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            var token = String.UnicodeScalarView()
            var escape = false
            for character in part {
                switch (escape, character) {
                case (false, "~"): escape = true
                case (false, _): token.append(character)
                case (true, "0"): (escape, _) = (false, token.append("~"))
                case (true, "1"): (escape, _) = (false, token.append("/"))
                default: return nil
                }
            }
            if escape { return nil }
            tokens.append(String(token))
        }
        return tokens
    }

    /// The place one step up; the root is its own parent.
    package var parent: JSONPointer {
        guard let slash = text.unicodeScalars.lastIndex(of: "/") else { return .root }
        return JSONPointer(String(text[..<slash]))
    }

    /// Reads an array index: digits without a leading zero.
    static func index(_ token: String) -> Int? {
        guard token == "0" || token.utf8.first != UInt8(ascii: "0"), token.utf8.allSatisfy({ 48...57 ~= $0 }) else {
            return nil
        }
        return Int(token)
    }
}
