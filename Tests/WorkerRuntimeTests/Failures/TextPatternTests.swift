import Foundation
import Testing

@testable import WorkerRuntime

@Suite struct TextPatternTests {
    @Test(arguments: [
        ("out of memory", "CUDA Out Of Memory.", true), ("a.c", "xabcx", true), ("a.c", "a\nc", false),
        (#"xid \([^)]*\): (48|63|94)[^0-9]"#, "NVRM: Xid (PCI:0000:65:00): 63, pid=1, name=python", true),
        (#"xid \([^)]*\): (48|63|94)[^0-9]"#, "NVRM: Xid (PCI:0000:65:00): 631, pid=1", false),
        (#"\d+ MiB"#, "tried 512 MiB", true), (#"\d+ MiB"#, "tried MiB", false), (#"a\.b"#, "axb", false),
        ("colou?r", "no color", true), ("(ab)+c", "ababc", true), ("(ab)+c", "aac", false), ("[A-Z]x", "qX", true),
        ("[^a-z]x", "qx", false), ("[]-]x", "-x", true), (#"[\d_]x"#, "7x", true), ("(|a)b", "b", true),
        (#"\s\w"#, "a\tb", true), ("a|b|cd", "zcd", true),
    ])
    func `a pattern is found, or not`(pattern: String, text: String, isFound: Bool) throws {
        #expect(try TextPattern(pattern).matches(TextPattern.folded(text)) == isFound)
    }

    @Test(arguments: [
        "", "(a", "a)", "[a", "a**", "*a", "a{2}", "^a", "a$", #"\"#, #"\D"#, #"\1"#, "ä", "[b-a]", "a+?",
    ])
    func `what cannot be read is refused`(pattern: String) {
        #expect(throws: PatternFault.self) { try TextPattern(pattern) }
    }

    @Test func `a pattern that is too long is refused, the longest is read`() throws {
        #expect(throws: PatternFault.self) {
            try TextPattern(String(repeating: "a", count: TextPattern.lengthMax + 1))
        }
        _ = try TextPattern(String(repeating: "a", count: TextPattern.lengthMax))
        _ = try TextPattern(String(repeating: "(", count: 99) + "a" + String(repeating: ")", count: 99))
    }

    @Test func `patterns find what the system's regular expressions find`() throws {
        for seed in 1...300 as ClosedRange<UInt64> {
            var dice = MockDice(seed, "patterns")
            let pattern = Self.pattern(&dice, depth: 2)
            let ours = try TextPattern(pattern)
            let theirs = try NSRegularExpression(pattern: pattern, options: .caseInsensitive)
            for _ in 0..<20 {
                let text = (0..<Int.random(in: 0...8, using: &dice)).map { _ in
                    String(dice.pick(["a", "b", "c", "A", "1", " ", "\n", "(", "-"], else: "a"))
                }.joined()
                let range = NSRange(text.startIndex..., in: text)
                let isFound = theirs.firstMatch(in: text, range: range) != nil
                #expect(
                    ours.matches(TextPattern.folded(text)) == isFound,
                    "seed \(seed): \(pattern) in \(text.debugDescription)")
            }
        }
    }

    /// Backtracking would take longer than the universe lasts.
    @Test(.timeLimit(.minutes(1))) func `no pattern takes long`() throws {
        let text = TextPattern.folded(String(repeating: "a", count: FailureSymptom.textBytesMax))
        for pattern in ["(a+)+b", "(a|a)*b", "(a*)*b", "((a?)+)+b", "a*a*a*a*a*a*a*a*b"] {
            #expect(try !TextPattern(pattern).matches(text))
        }
    }

    /// A pattern that both understand in the same way, as they do in ASCII.
    private static func pattern(_ dice: inout MockDice, depth: Int) -> String {
        let atoms = ["a", "b", "c", "1", " ", #"\d"#, #"\s"#, #"\w"#, "[ab]", "[^a]", "[^b1]", ".", #"\("#, "[a-c]"]
        let count = Int.random(in: 1...3, using: &dice)
        return (0..<count).map { _ in
            let atom =
                switch depth > 0 ? Int.random(in: 0...4, using: &dice) : 4 {
                case 0: "(" + pattern(&dice, depth: depth - 1) + ")"
                case 1: "(" + pattern(&dice, depth: depth - 1) + "|" + pattern(&dice, depth: depth - 1) + ")"
                default: dice.pick(atoms, else: "a")
                }
            return atom + dice.pick(["", "", "", "*", "+", "?"], else: "")
        }.joined()
    }
}
