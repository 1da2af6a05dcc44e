/// Loudness of a programme after EBU R 128.
package struct LoudnessMeasure: Sendable, Hashable, Codable {
    /// Integrated loudness in LUFS; −70 or less means silence.
    package let integrated: Double
    /// Loudness range in LU.
    package let range: Double
    /// The true peak in dB of full scale; `nil` when there is none because all is silent.
    package let truePeak: Double?

    package static let silence = -70.0

    package init(integrated: Double, range: Double, truePeak: Double?) {
        self.integrated = integrated
        self.range = range
        self.truePeak = truePeak
    }

    /// Reads the summary that ffmpeg's `ebur128` leaves in the log; `nil` when there is none.
    package init?(log: String) {
        guard let start = log.ranges(of: "Summary:").last?.upperBound else { return nil }
        func value(_ name: String) -> Double? {
            guard let at = log[start...].firstRange(of: name)?.upperBound else { return nil }
            let word = log[at...].drop(while: { $0 == " " }).prefix { !$0.isWhitespace }
            return Double(word)
        }
        guard let integrated = value(" I:"), let range = value(" LRA:") else { return nil }
        self.integrated = integrated.isFinite ? max(integrated, Self.silence) : Self.silence
        self.range = range
        truePeak = value(" Peak:").flatMap { $0.isFinite ? $0 : nil }
    }

    var isSilent: Bool { integrated <= Self.silence || truePeak == nil }
}
