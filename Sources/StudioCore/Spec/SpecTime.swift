/// A time as a spec writes it, exact: `4s`, `0.5s` or `96f`.
package enum SpecTime: Sendable, Hashable {
    case nanoseconds(Int)
    case frames(Int)

    package static let zero = SpecTime.nanoseconds(0)

    private static let nanosecondsPerSecond = 1_000_000_000

    /// Reads `12s`, `0.25s` (at most 6 digits before the point and 9 after it) or `96f` (at most 9 digits).
    package init?(_ text: String) {
        let body = text.utf8.dropLast()
        func number(_ digits: some Collection<UInt8>, lengths: ClosedRange<Int>) -> Int? {
            guard lengths.contains(digits.count), digits.allSatisfy({ 48...57 ~= $0 }) else { return nil }
            return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        }
        switch text.utf8.last {
        case UInt8(ascii: "f"):
            guard let frames = number(body, lengths: 1...9) else { return nil }
            self = .frames(frames)
        case UInt8(ascii: "s"):
            let parts = body.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
            guard let whole = parts.first.flatMap({ number($0, lengths: 1...6) }) else { return nil }
            guard parts.count > 1 else {
                self = .nanoseconds(whole * Self.nanosecondsPerSecond)
                return
            }
            guard var fraction = number(parts[1], lengths: 1...9) else { return nil }
            for _ in parts[1].count..<9 { fraction *= 10 }
            self = .nanoseconds(whole * Self.nanosecondsPerSecond + fraction)
        default: return nil
        }
    }

    /// Its length in frames when that is a whole number, otherwise `nil`.
    package func frames(at rate: FrameRate) -> Int? {
        let (quotient, remainder) = division(at: rate)
        return remainder == 0 ? Int(quotient) : nil
    }

    /// Its length in frames, rounded down.
    package func framesRoundedDown(at rate: FrameRate) -> Int {
        Int(division(at: rate).quotient)
    }

    private func division(at rate: FrameRate) -> (quotient: Int128, remainder: Int128) {
        switch self {
        case .frames(let frames): (Int128(frames), 0)
        case .nanoseconds(let nanoseconds):
            (Int128(nanoseconds) * Int128(rate.numerator))
                .quotientAndRemainder(dividingBy: Int128(Self.nanosecondsPerSecond) * Int128(rate.denominator))
        }
    }

    /// Its length in samples of the profile, rounded to the nearest.
    package func samples(in profile: DeliveryProfile) -> Int {
        switch self {
        case .frames(let frames): profile.sample(atFrame: frames)
        case .nanoseconds(let nanoseconds):
            Int(
                (Int128(nanoseconds) * Int128(profile.sampleRate) + Int128(Self.nanosecondsPerSecond / 2))
                    / Int128(Self.nanosecondsPerSecond))
        }
    }
}

extension SpecTime: CustomStringConvertible {
    /// The shortest text that reads back as the same time.
    package var description: String {
        switch self {
        case .frames(let frames): return "\(frames)f"
        case .nanoseconds(let nanoseconds):
            let (whole, fraction) = nanoseconds.quotientAndRemainder(dividingBy: Self.nanosecondsPerSecond)
            guard fraction > 0 else { return "\(whole)s" }
            var digits = String(fraction)
            digits = String(repeating: "0", count: 9 - digits.count) + digits
            while digits.last == "0" { digits.removeLast() }
            return "\(whole).\(digits)s"
        }
    }
}
