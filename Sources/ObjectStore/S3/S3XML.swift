import NIOCore

/// The small part of XML that S3 answers in: elements and text.
///
/// Anything else that could do harm is refused.
struct S3XML: Sendable {
    /// Deepest nesting that is read.
    static let depthLimit = 16

    /// One element; its text is that between its children too.
    struct Element: Sendable {
        let name: String
        var text = ""
        var children: [Element] = []

        func all(_ name: String) -> [Element] { children.filter { $0.name == name } }
        func first(_ name: String) -> Element? { children.first { $0.name == name } }
        func text(of name: String) -> String? { first(name)?.text }

        /// Itself, when it is the element that was expected at the top.
        func named(_ name: String) throws -> Element {
            guard self.name == name else { throw malformed("<\(self.name)> where <\(name)> was expected") }
            return self
        }
    }

    private var bytes: ArraySlice<UInt8>

    /// Parses a whole document; white space before it (S3 sends some to keep a connection alive) is skipped.
    static func parse(_ buffer: ByteBuffer) throws -> Element {
        var parser = S3XML(bytes: Array(buffer.readableBytesView)[...])
        guard let root = try parser.document() else { throw malformed("no element") }
        return root
    }

    private mutating func document() throws -> Element? {
        var open: [Element] = []
        while true {
            let text = take(until: UInt8(ascii: "<"))
            if open.isEmpty {
                let isBlank = text.allSatisfy { Character(UnicodeScalar($0)).isWhitespace }
                guard isBlank else { throw malformed("stray text") }
            } else {
                open[open.count - 1].text += try Self.unescaped(text)
            }
            guard bytes.popFirst() != nil else { throw malformed("unexpected end") }
            let tag = take(until: UInt8(ascii: ">"))
            guard bytes.popFirst() != nil else { throw malformed("unexpected end") }
            switch tag.first {
            case UInt8(ascii: "?"):
                guard open.isEmpty else { throw malformed("an instruction inside the document") }
            case UInt8(ascii: "!"):
                throw malformed("a declaration, comment or CDATA section")
            case UInt8(ascii: "/"):
                guard let element = open.popLast(), element.name == Self.name(in: tag.dropFirst()) else {
                    throw malformed("an end tag without its start")
                }
                if open.isEmpty { return element }
                open[open.count - 1].children.append(element)
            default:
                let element = Element(name: Self.name(in: tag))
                guard !element.name.isEmpty, open.count < Self.depthLimit else { throw malformed("an impossible tag") }
                if tag.last != UInt8(ascii: "/") {
                    open.append(element)
                } else if open.isEmpty {
                    return element
                } else {
                    open[open.count - 1].children.append(element)
                }
            }
        }
    }

    private mutating func take(until end: UInt8) -> ArraySlice<UInt8> {
        let index = bytes.firstIndex(of: end) ?? bytes.endIndex
        defer { bytes = bytes[index...] }
        return bytes[..<index]
    }

    /// The name in a tag, without attributes and without a namespace prefix.
    private static func name(in tag: ArraySlice<UInt8>) -> String {
        let name = tag.prefix { $0 > UInt8(ascii: " ") && $0 != UInt8(ascii: "/") }
        let local = name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
        return String(decoding: local, as: UTF8.self)
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) throws -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard bytes.contains(UInt8(ascii: "&")) else { return text }
        let pieces = text.split(separator: "&", omittingEmptySubsequences: false)
        var result = String(pieces[0])
        for piece in pieces.dropFirst() {
            guard let end = piece.firstIndex(of: ";"), let character = entity(piece[..<end]) else {
                throw malformed("an unknown entity")
            }
            result.unicodeScalars.append(character)
            result += piece[piece.index(after: end)...]
        }
        return result
    }

    private static func entity(_ name: Substring) -> UnicodeScalar? {
        switch name {
        case "lt": "<"
        case "gt": ">"
        case "amp": "&"
        case "quot": "\""
        case "apos": "'"
        default:
            if name.hasPrefix("#x") {
                UInt32(name.dropFirst(2), radix: 16).flatMap(UnicodeScalar.init)
            } else if name.hasPrefix("#") {
                UInt32(name.dropFirst()).flatMap(UnicodeScalar.init)
            } else {
                nil
            }
        }
    }

    /// `text` as it may stand between tags.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            case "\"": result += "&quot;"
            case _ where scalar.value < 0x20: result += "&#\(scalar.value);"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

private func malformed(_ what: String) -> ObjectStoreError {
    ObjectStoreError(.malformedResponse, "the store's XML has \(what)")
}
