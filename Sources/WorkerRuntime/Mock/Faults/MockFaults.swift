import ProgramSettings
package import StudioCore

/// Which share of attempts goes wrong, and how: `fail=5%,hang=1%,corrupt=1%,oom=2%,empty=1%,crash=1%`, with
/// `latency=200ms..2s` and `seed=7` if wanted.
package struct MockFaults: Sendable, Hashable {
    /// What happens to one attempt.
    package enum Fate: String, Sendable, Hashable {
        case succeed
        /// Ends with a failure that is likely to pass.
        case fail
        /// Never ends by itself, and reports no progress.
        case hang
        /// Ends well, but with a damaged file.
        case corrupt
        /// Ends for want of memory.
        case oom
        /// Ends well, but with files of no bytes.
        case empty
        /// The worker's process dies of it.
        case crash
        /// Finds nobody to ask.
        case endpointDown = "endpoint_down"
    }

    private static let latencyMax = Duration.seconds(3_600)

    /// Shares of all attempts, 0 to 1.
    package private(set) var fail = 0.0
    package private(set) var hang = 0.0
    package private(set) var corrupt = 0.0
    package private(set) var oom = 0.0
    package private(set) var empty = 0.0
    package private(set) var crash = 0.0
    package private(set) var endpointDown = 0.0
    /// How long an attempt waits before it works.
    package private(set) var latency: ClosedRange<Duration>?
    /// Another seed makes other attempts fail.
    package private(set) var seed: UInt64 = 0

    package static let none = MockFaults()

    private init() {}

    /// Reads the comma list; an empty text means that nothing goes wrong.
    ///
    /// - Throws: `SettingError` that names the part which cannot be read.
    package init(_ text: String) throws {
        for part in text.split(separator: ",") {
            let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
            guard words.count == 2 else { throw Self.error(part, "is not name=value") }
            switch words[0] {
            case "fail": fail = try Self.share(words[1], part)
            case "hang": hang = try Self.share(words[1], part)
            case "corrupt": corrupt = try Self.share(words[1], part)
            case "oom": oom = try Self.share(words[1], part)
            case "empty": empty = try Self.share(words[1], part)
            case "crash": crash = try Self.share(words[1], part)
            case "endpoint_down": endpointDown = try Self.share(words[1], part)
            case "latency": latency = try Self.latency(words[1], part)
            case "seed":
                guard let number = UInt64(words[1]) else { throw Self.error(part, "is not a whole number") }
                seed = number
            default:
                throw Self.error(
                    part, "is none of fail, hang, corrupt, oom, empty, crash, endpoint_down, latency, seed")
            }
        }
        guard fail + hang + corrupt + oom + empty + crash + endpointDown <= 1 else {
            throw SettingError("MOCK_FAULTS", "the shares add up to more than 100%")
        }
    }

    /// What happens to this attempt; always the same for the same arguments.
    package func fate(of task: TaskID, attempt: Int) -> Fate {
        var dice = MockDice("\(seed)/\(task)/\(attempt)/fate")
        var rest = dice.unit()
        let shares = [
            (Fate.fail, fail), (.hang, hang), (.corrupt, corrupt), (.oom, oom), (.empty, empty), (.crash, crash),
            (.endpointDown, endpointDown),
        ]
        for (fate, share) in shares {
            if rest < share { return fate }
            rest -= share
        }
        return .succeed
    }

    /// How long this attempt waits before it works.
    package func delay(of task: TaskID, attempt: Int) -> Duration {
        guard let latency else { return .zero }
        var dice = MockDice("\(seed)/\(task)/\(attempt)/latency")
        return latency.lowerBound + (latency.upperBound - latency.lowerBound) * dice.unit()
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var rest = text.drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }

    private static func error(_ part: Substring, _ problem: String) -> SettingError {
        SettingError("MOCK_FAULTS", "\"\(trimmed(part))\" \(problem)")
    }

    private static func share(_ text: Substring, _ part: Substring) throws -> Double {
        guard text.hasSuffix("%"), let percent = Double(text.dropLast()), (0...100).contains(percent) else {
            throw error(part, "is not a share between 0% and 100%")
        }
        return percent / 100
    }

    private static func latency(_ text: Substring, _ part: Substring) throws -> ClosedRange<Duration> {
        let ends = text.split(separator: "..", omittingEmptySubsequences: false).map { duration(trimmed($0)) }
        guard (1...2).contains(ends.count), let first = ends.first, let low = first, let last = ends.last,
            let high = last, low <= high, high <= latencyMax
        else { throw error(part, "is not a time like 200ms, 2s or 200ms..2s") }
        return low...high
    }

    private static func duration(_ text: Substring) -> Duration? {
        let (digits, unit) = text.hasSuffix("ms") ? (text.dropLast(2), 0.001) : (text.dropLast(), 1.0)
        guard text.hasSuffix("s"), let value = Double(digits), value >= 0, value.isFinite else { return nil }
        return .seconds(value * unit)
    }
}
