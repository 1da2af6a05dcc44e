/// A simple regular expression that is found in a text in time proportional to its length, whatever is in either.
///
/// Understands `a` `.` `\d` `\s` `\w` `[a-z]` `[^a-z]` `x*` `x+` `x?` `x|y` `(x)` and `\` before a special character;
/// upper and lower case of ASCII are the same, `.` is anything but a line feed.
struct TextPattern: Sendable {
    /// The most characters that a pattern has.
    static let lengthMax = 200

    enum Step: Sendable {
        /// Goes on to the next step after one of these bytes.
        case byte(ByteSet)
        /// Goes on at both.
        case fork(Int, Int)
        case found
    }

    private let steps: [Step]

    /// - Throws: ``PatternFault`` that says what cannot be read, and where.
    init(_ text: String) throws(PatternFault) {
        var compiler = try PatternCompiler(text)
        steps = try compiler.compile()
    }

    /// A text's bytes with the capitals of ASCII as small letters, as ``matches(_:)`` wants them.
    static func folded(_ text: String) -> [UInt8] {
        text.utf8.map(folded)
    }

    static func folded(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
    }

    /// Whether it is found anywhere.
    func matches(_ folded: [UInt8]) -> Bool {
        var states = PatternStates(count: steps.count)
        var next = states
        if states.enter(0, steps) { return true }
        for byte in folded {
            next.removeAll()
            for state in states.list {
                guard case .byte(let set) = steps[state], set.contains(byte) else { continue }
                if next.enter(state + 1, steps) { return true }
            }
            // It may begin at any place.
            if next.enter(0, steps) { return true }
            swap(&states, &next)
        }
        return false
    }
}

/// The steps that a search has reached, each once.
private struct PatternStates {
    private(set) var list: [Int] = []
    private var isIn: [Bool]

    init(count: Int) { isIn = Array(repeating: false, count: count) }

    mutating func removeAll() {
        for state in list { isIn[state] = false }
        list.removeAll(keepingCapacity: true)
    }

    /// Adds a step and what follows it without a byte; answers whether the end is among them.
    mutating func enter(_ start: Int, _ steps: [TextPattern.Step]) -> Bool {
        var waiting = [start]
        while let state = waiting.popLast() {
            guard !isIn[state] else { continue }
            isIn[state] = true
            list.append(state)
            switch steps[state] {
            case .byte: break
            case .fork(let first, let second): waiting += [first, second]
            case .found: return true
            }
        }
        return false
    }
}

/// A set of bytes.
struct ByteSet: Sendable, Hashable {
    private var words = SIMD4<UInt64>()

    init(_ bytes: some Sequence<UInt8>) { for byte in bytes { insert(byte) } }

    func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }

    mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

    var inverted: ByteSet { ByteSet((UInt8.min...UInt8.max).filter { !contains($0) }) }
}
