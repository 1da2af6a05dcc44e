/// Random numbers that depend on a text only: the same task always looks, sounds and fails the same.
struct MockDice: RandomNumberGenerator {
    private var state: UInt64

    init(_ text: String) {
        // FNV-1a spreads the text over the state; SplitMix64 makes the sequence.
        state = text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    init(_ seed: UInt64, _ purpose: String) {
        self.init("\(seed)/\(purpose)")
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 up to, not including, 1.
    mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }

    mutating func number(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + unit() * (range.upperBound - range.lowerBound)
    }

    mutating func pick<Element>(_ list: [Element], else fallback: Element) -> Element {
        list.isEmpty ? fallback : list[Int(next() % UInt64(list.count))]
    }
}
