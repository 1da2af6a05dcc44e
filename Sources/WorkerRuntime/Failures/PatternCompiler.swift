/// What is wrong with a pattern.
struct PatternFault: Error, Hashable, CustomStringConvertible {
    let description: String
}

/// Reads one pattern; used once.
struct PatternCompiler {
    private static let space = ByteSet(" \t\n\r\u{0B}\u{0C}".utf8)
    private static let digits = ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9"))
    private static let word = ByteSet("abcdefghijklmnopqrstuvwxyz0123456789_".utf8)
    private static let special = Set(#"\.[]()*+?|{}^$"#.utf8)

    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) throws(PatternFault) {
        guard text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
            throw PatternFault(description: "holds a character that is not printable ASCII: use \"text\" for it")
        }
        guard 1...TextPattern.lengthMax ~= text.utf8.count else {
            throw PatternFault(description: "must have 1 to \(TextPattern.lengthMax) characters")
        }
        bytes = Array(text.utf8)
    }

    mutating func compile() throws(PatternFault) -> [TextPattern.Step] {
        let steps = try choice()
        guard position == bytes.count else { throw fault("\")\" closes nothing: write \\)") }
        return steps + [.found]
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private func fault(_ problem: String) -> PatternFault {
        PatternFault(description: "at character \(position + 1): \(problem)")
    }

    // Steps name others by their distance from the start of their own list until lists are joined: see `moved`.

    private mutating func choice() throws(PatternFault) -> [TextPattern.Step] {
        var steps = try sequence()
        while take("|") {
            let other = try sequence()
            // A fork, the first way, a jump over the second, the second way.
            let skip = 1 + steps.count + 1
            let end = skip + other.count
            steps = [.fork(1, skip)] + Self.moved(steps, by: 1) + [.fork(end, end)] + Self.moved(other, by: skip)
        }
        return steps
    }

    private mutating func sequence() throws(PatternFault) -> [TextPattern.Step] {
        var steps: [TextPattern.Step] = []
        while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            steps += Self.moved(try repetition(), by: steps.count)
        }
        return steps
    }

    private mutating func repetition() throws(PatternFault) -> [TextPattern.Step] {
        let once = try atom()
        let count = once.count
        if take("*") {
            return try unrepeated([.fork(1, count + 2)] + Self.moved(once, by: 1) + [.fork(0, 0)])
        }
        if take("+") { return try unrepeated(once + [.fork(0, count + 1)]) }
        if take("?") { return try unrepeated([.fork(1, count + 1)] + Self.moved(once, by: 1)) }
        return once
    }

    private func unrepeated(_ steps: [TextPattern.Step]) throws(PatternFault) -> [TextPattern.Step] {
        if let next, "*+?".utf8.contains(next) { throw fault("one of * + ? is enough") }
        return steps
    }

    private mutating func atom() throws(PatternFault) -> [TextPattern.Step] {
        guard let byte = next else { return [] }
        if take("(") {
            let steps = try choice()
            guard take(")") else { throw fault("\"(\" is not closed") }
            return steps
        }
        if take("[") { return [.byte(try set())] }
        if take(".") { return [.byte(ByteSet([UInt8(ascii: "\n")]).inverted)] }
        if take("\\") { return [.byte(try escaped())] }
        guard !Self.special.contains(byte) else {
            let character = Character(Unicode.Scalar(byte))
            throw fault("\"\(character)\" means nothing here: write \\\(character)")
        }
        position += 1
        return [.byte(ByteSet([TextPattern.folded(byte)]))]
    }

    private mutating func escaped() throws(PatternFault) -> ByteSet {
        guard let byte = next else { throw fault("nothing follows the \\") }
        position += 1
        switch byte {
        case UInt8(ascii: "d"): return Self.digits
        case UInt8(ascii: "s"): return Self.space
        case UInt8(ascii: "w"): return Self.word
        case _ where Self.word.contains(TextPattern.folded(byte)) && byte != UInt8(ascii: "_"):
            throw fault(#"\ before a letter or digit is not known: only \d \s \w, and special characters"#)
        default: return ByteSet([byte])
        }
    }

    /// Reads the rest of `[…]`.
    private mutating func set() throws(PatternFault) -> ByteSet {
        let isInverted = take("^")
        var members: [UInt8] = []
        repeat {
            guard let byte = next else { throw fault("\"[\" is not closed") }
            position += 1
            if byte == UInt8(ascii: "\\") {
                let escaped = try escaped()
                members += (UInt8.min...UInt8.max).filter(escaped.contains)
            } else if next == UInt8(ascii: "-"), position + 1 < bytes.count, bytes[position + 1] != UInt8(ascii: "]") {
                let last = bytes[position + 1]
                position += 2
                guard byte <= last, last != UInt8(ascii: "\\") else { throw fault("the range runs backwards") }
                members += byte...last
            } else {
                members.append(byte)
            }
        } while !take("]")
        let set = ByteSet(members.map(TextPattern.folded))
        return isInverted ? set.inverted : set
    }

    private static func moved(_ steps: [TextPattern.Step], by distance: Int) -> [TextPattern.Step] {
        steps.map { step in
            guard case .fork(let first, let second) = step else { return step }
            return .fork(first + distance, second + distance)
        }
    }
}
