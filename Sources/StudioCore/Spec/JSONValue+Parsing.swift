extension JSONValue {
    /// Reads a JSON text strictly as RFC 8259 says.
    ///
    /// - Throws: one fault that names the line and column: `syntax`, `too_large` (more than
    ///   ``SpecLimits/bytesMax``), `too_deep` (more than ``SpecLimits/depthMax``) or `duplicate_key`.
    package init(parsing bytes: some Sequence<UInt8>) throws(SpecFaults) {
        // One byte past the limit is enough to know.
        var parser = JSONParser(bytes: Array(bytes.prefix(SpecLimits.bytesMax + 1)))
        self = try parser.document()
    }

    /// Reads a JSON text strictly as RFC 8259 says; throws as ``init(parsing:)-bytes`` does.
    package init(parsing text: String) throws(SpecFaults) {
        try self.init(parsing: text.utf8)
    }
}

/// A strict reader of one JSON text.
private struct JSONParser {
    let bytes: [UInt8]
    var position = 0
    var depth = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(SpecFaults) -> JSONValue {
        guard bytes.count <= SpecLimits.bytesMax else {
            let limit = SpecLimits.bytesMax >> 20
            throw SpecFaults(SpecFault(.root, .tooLarge, "the document is larger than \(limit) MiB: split the film"))
        }
        skipSpace()
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw fault("something follows the end of the document: remove it") }
        return value
    }

    private func fault(_ detail: String, _ code: SpecFault.Code = .syntax, at place: Int? = nil) -> SpecFaults {
        let end = min(place ?? position, bytes.count)
        let before = bytes[..<end]
        let line = before.count { $0 == 0x0A } + 1
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        // Continuation bytes are not characters of their own.
        let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        return SpecFaults(SpecFault(.root, code, "line \(line), column \(column): \(detail)"))
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(SpecFaults) -> JSONValue {
        switch next {
        case UInt8(ascii: "{"): return try nested { (self) throws(SpecFaults) in try self.object() }
        case UInt8(ascii: "["): return try nested { (self) throws(SpecFaults) in try self.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .some(UInt8(ascii: "-")), .some(48...57): return try number()
        case nil: throw fault("the document ends early: a value is missing")
        default: throw fault("not a JSON value: expected {, [, a text in double quotes, a number, true, false or null")
        }
    }

    private mutating func nested(
        _ read: (inout JSONParser) throws(SpecFaults) -> JSONValue
    ) throws(SpecFaults) -> JSONValue {
        guard depth < SpecLimits.depthMax else {
            throw fault("nested deeper than \(SpecLimits.depthMax) levels: flatten the document", .tooDeep)
        }
        depth += 1
        position += 1
        let value = try read(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(SpecFaults) -> JSONValue {
        var members: [(String, JSONValue)] = []
        var names = Set<String>()
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object([]) }
        repeat {
            skipSpace()
            let start = position
            guard next == UInt8(ascii: "\"") else { throw fault("expected a field's name in double quotes") }
            let name = try string()
            guard names.insert(name).inserted else {
                throw fault("\(SpecFault.quote(name)) stands twice in one object: keep one", .duplicateKey, at: start)
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw fault("expected : after the name of a field") }
            skipSpace()
            members.append((name, try value()))
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw fault("expected , or } after a field") }
        return .object(members)
    }

    private mutating func array() throws(SpecFaults) -> JSONValue {
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array([]) }
        repeat {
            skipSpace()
            elements.append(try value())
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw fault("expected , or ] after an element") }
        return .array(elements)
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(SpecFaults) -> JSONValue {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, bytes[position..<end].elementsEqual(word.description.utf8) else {
            throw fault("not a JSON value: did you mean \(word)?")
        }
        position = end
        return value
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = next, 48...57 ~= byte { position += 1 }
        return position - start
    }

    private mutating func number() throws(SpecFaults) -> JSONValue {
        let start = position
        var whole = true
        _ = take(UInt8(ascii: "-"))
        let zero = next == UInt8(ascii: "0")
        let count = digits()
        guard count > 0, !zero || count == 1 else {
            throw fault("a number needs digits, and no zero before them", at: start)
        }
        if take(UInt8(ascii: ".")) {
            whole = false
            guard digits() > 0 else { throw fault("a number needs a digit after its point") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            whole = false
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            guard digits() > 0 else { throw fault("a number needs a digit after its e") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if whole, let value = Int(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else {
            throw fault("the number is too large: use a smaller one", at: start)
        }
        return .double(value)
    }

    private mutating func string() throws(SpecFaults) -> String {
        let start = position
        position += 1
        var text: [UInt8] = []
        while true {
            let plain = position
            while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                position += 1
            }
            text.append(contentsOf: bytes[plain..<position])
            switch next {
            case UInt8(ascii: "\""):
                position += 1
                guard let valid = String(validating: text, as: UTF8.self) else {
                    throw fault("the text is not UTF-8: save the document as UTF-8", at: start)
                }
                return valid
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &text)
            case nil: throw fault("the text has no closing double quote", at: start)
            default: throw fault("a text may not hold a raw control character: write it as an escape")
            }
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(SpecFaults) {
        let kind = next
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[position - 1])
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = UInt32(try codeUnit())
            if 0xD800..<0xDC00 ~= code, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
                let low = UInt32(try codeUnit())
                guard 0xDC00..<0xE000 ~= low else { throw fault("half a surrogate pair: write both halves") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw fault("half a surrogate pair: write both halves") }
            text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw fault("no such escape: write \\\\ for a backslash", at: position - 1)
        }
    }

    private mutating func codeUnit() throws(SpecFaults) -> UInt16 {
        let end = position + 4
        guard end <= bytes.count, bytes[position..<end].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let code = UInt16(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16)
        else { throw fault("\\u needs four hexadecimal digits") }
        position = end
        return code
    }
}
