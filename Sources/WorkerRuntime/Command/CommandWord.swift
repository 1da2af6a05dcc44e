#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A line that a program writes to its standard output: how far it is, or when a failure may be tried again.
struct CommandWord: Decodable, Sendable, Hashable {
    /// Longer lines are not read.
    static let bytesMax = 4_096
    private static let textMax = 64
    private static let countMax = Int(Int32.max)

    private var phase: String?
    private var done: Int?
    private var total: Int?
    private var unit: String?
    /// In seconds; counts only if the program then fails.
    private(set) var retryAfterSeconds: Double?

    enum CodingKeys: String, CodingKey {
        case phase, done, total, unit
        case retryAfterSeconds = "retry_after_s"
    }

    /// Reads a line; nil when it is not a JSON object of this form, as lines of a log are not.
    init?(_ line: String) {
        guard line.utf8.first == UInt8(ascii: "{"), line.utf8.count <= Self.bytesMax,
            let word = try? JSONDecoder().decode(CommandWord.self, from: Data(line.utf8))
        else { return nil }
        self = word
    }

    /// How far it is, if that was said.
    var progress: Progress? {
        guard let phase, !phase.isEmpty, phase.utf8.count <= Self.textMax else { return nil }
        return Progress(
            phase: phase, done: Self.count(done), total: Self.count(total),
            unit: String((unit ?? "").prefix(Self.textMax)))
    }

    private static func count(_ number: Int?) -> Int { min(max(0, number ?? 0), countMax) }
}
