/// A value of a document together with its place; every reading that fails notes a fault there and gives `nil`.
struct SpecNode {
    let value: JSONValue
    let pointer: JSONPointer
    let log: SpecFaultLog

    func fault(_ code: SpecFault.Code, _ detail: @autoclosure () -> String) {
        log.add(pointer, code, detail)
    }

    private func wrongType(_ wanted: String) {
        fault(.wrongType, "is \(value.noun), expected \(wanted)\(value == .null ? " (or leave the field out)" : "")")
    }

    /// Reads a text of 1 to `max` characters that hold no control character.
    func text(max: Int, mayBeEmpty: Bool = false) -> String? {
        guard let text = word("a text") else { return nil }
        guard mayBeEmpty || !text.allSatisfy(\.isWhitespace) else {
            fault(.empty, "is empty: write at least one character")
            return nil
        }
        let count = text.unicodeScalars.count
        guard count <= max else {
            fault(.tooLong, "has \(count) characters: at most \(max)")
            return nil
        }
        guard !text.unicodeScalars.contains(where: SpecFault.isControl) else {
            fault(.controlCharacter, "holds a line break or control character: write one line (in YAML >- joins lines)")
            return nil
        }
        return text
    }

    /// Reads any text.
    func word(_ wanted: String) -> String? {
        switch value {
        case .string(let text): return text
        case .int, .double, .bool:
            fault(.wrongType, "is \(value.noun), expected \(wanted): put it in quotes, \"\(value.canonicalText)\"")
        default: wrongType(wanted)
        }
        return nil
    }

    /// Reads a name: 1 to ``SpecLimits/nameMax`` of the characters that `accepts` takes.
    func name(_ what: String, characters: String, where accepts: (UInt8) -> Bool) -> String? {
        guard let text = word(what) else { return nil }
        guard 1...SpecLimits.nameMax ~= text.utf8.count, text.utf8.allSatisfy(accepts) else {
            fault(
                .wrongFormat,
                "\(SpecFault.quote(text)) is not \(what): use 1 to \(SpecLimits.nameMax) of \(characters)")
            return nil
        }
        return text
    }

    /// Reads the name of a shot, character or place.
    func identifier() -> String? {
        name("a name", characters: "a-z 0-9 _ -") { Self.isLower($0) || Self.isDigit($0) || $0 == 0x5F || $0 == 0x2D }
    }

    /// Reads the name of a voice, model or label.
    func token(_ what: String) -> String? {
        name(what, characters: "A-Z a-z 0-9 . _ : / -", where: Self.isTokenCharacter)
    }

    static func isLower(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte }
    static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        isLower(byte | 0x20) || isDigit(byte) || "._:/-".utf8.contains(byte)
    }

    /// Reads a whole number.
    func integer(in range: ClosedRange<Int>) -> Int? {
        switch value {
        case .int(let number) where range.contains(number): return number
        case .int:
            fault(.outOfRange, "is \(value.canonicalText): use \(range.lowerBound) to \(range.upperBound)")
        case .double(let number) where number.magnitude >= 0x1p53:
            fault(.outOfRange, "is \(number): use \(range.lowerBound) to \(range.upperBound)")
        case .double(let number):
            fault(.wrongType, "is \(number), expected a whole number: round it")
        case .string(let text) where Int(text) != nil:
            fault(.wrongType, "is a text, expected a whole number: remove the quotes around \(text)")
        default: wrongType("a whole number")
        }
        return nil
    }

    /// Reads a finite number.
    func number(in range: ClosedRange<Double>) -> Double? {
        let number: Double
        switch value {
        case .int(let value): number = Double(value)
        case .double(let value): number = value
        default:
            wrongType("a number")
            return nil
        }
        guard range.contains(number) else {
            fault(.outOfRange, "is \(number): use \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    func boolean() -> Bool? {
        if case .bool(let value) = value { return value }
        if case .string(let text) = value, ["true", "false"].contains(text) {
            fault(.wrongType, "is a text, expected true or false: remove the quotes")
        } else {
            wrongType("true or false")
        }
        return nil
    }

    /// Reads one of the words of a vocabulary.
    func choice<Word: RawRepresentable & CaseIterable>(_: Word.Type) -> Word? where Word.RawValue == String {
        guard let text = word("a text") else { return nil }
        if let value = Word(rawValue: text) { return value }
        let known = Word.allCases.map(\.rawValue)
        fault(.unknownValue, "\(SpecFault.quote(text)) is unknown: \(Suggestion.cure(for: text, among: known))")
        return nil
    }

    /// Reads a span like `90s`, `30m` or `2h`, in seconds.
    func deadline() -> Int? {
        guard let text = word("a text like 30m or 2h") else { return nil }
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600]
        guard let unit = text.last.flatMap({ units[$0] }), text.utf8.dropLast().allSatisfy(Self.isDigit),
            text.utf8.count <= 7, let number = Int(text.dropLast())
        else {
            fault(.wrongFormat, "\(SpecFault.quote(text)) is not a span: write 90s, 30m or 2h")
            return nil
        }
        guard SpecLimits.deadlineSeconds.contains(number * unit) else {
            fault(.outOfRange, "is \(text): use 1s to \(SpecLimits.deadlineSeconds.upperBound / 3_600)h")
            return nil
        }
        return number * unit
    }

    /// Reads a time.
    func time() -> SpecTime? {
        switch value {
        case .string(let text):
            if let time = SpecTime(text) { return time }
            fault(.wrongFormat, "\(SpecFault.quote(text)) is not a time: write seconds, 4s or 0.5s, or frames, 96f")
        case .int, .double:
            let number = value.canonicalText
            fault(.wrongType, "\(number) has no unit: write \(number)s for seconds or \(number)f for frames")
        default: wrongType("a time like 4s or 96f")
        }
        return nil
    }

    /// Reads a list; a longer one than `max` is not looked into.
    func elements(max: Int) -> [SpecNode]? {
        guard case .array(let elements) = value else {
            wrongType("a list")
            return nil
        }
        guard elements.count <= max else {
            fault(.tooMany, "has \(elements.count) elements: at most \(max)")
            return nil
        }
        return elements.enumerated().map { index, element in
            SpecNode(value: element, pointer: pointer.appending(index), log: log)
        }
    }

    /// Reads a map of names that the document chooses; a longer one than `max` is not looked into.
    func members(max: Int) -> [(name: String, node: SpecNode)]? {
        guard case .object(let members) = value else {
            wrongType("a map")
            return nil
        }
        guard members.count <= max else {
            fault(.tooMany, "has \(members.count) members: at most \(max)")
            return nil
        }
        var names = Set<String>()
        return members.compactMap { name, value in
            let node = SpecNode(value: value, pointer: pointer.appending(name), log: log)
            guard names.insert(name).inserted else {
                node.fault(.duplicateKey, "stands twice in its map: keep one")
                return nil
            }
            return (name, node)
        }
    }

    /// Reads a map of fixed fields and refuses every other one.
    func fields(_ known: [String]) -> SpecFields? {
        guard case .object(let members) = value else {
            wrongType("a map of \(known.joined(separator: ", "))")
            return nil
        }
        return SpecFields(members, of: self, known: known)
    }
}
