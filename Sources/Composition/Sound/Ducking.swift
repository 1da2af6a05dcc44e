/// How music makes room for dialogue: a compressor whose key is the dialogue.
package struct Ducking: Sendable, Hashable, Codable {
    /// Level of the dialogue from which on the music is lowered, from 0 to 1, full scale.
    package var threshold: Double
    package var ratio: Double
    package var attackMilliseconds: Double
    package var releaseMilliseconds: Double
    /// Share of the lowered music in what is heard, from 0 to 1.
    package var mix: Double

    /// About 9 dB under speech of usual level.
    package static let standard = Ducking(
        threshold: 0.03, ratio: 3, attackMilliseconds: 20, releaseMilliseconds: 400, mix: 0.8)

    package init(
        threshold: Double, ratio: Double, attackMilliseconds: Double, releaseMilliseconds: Double, mix: Double
    ) {
        self.threshold = threshold
        self.ratio = ratio
        self.attackMilliseconds = attackMilliseconds
        self.releaseMilliseconds = releaseMilliseconds
        self.mix = mix
    }

    var filter: String {
        "sidechaincompress=threshold=\(threshold.fixed(3)):ratio=\(ratio.fixed(2))"
            + ":attack=\(attackMilliseconds.fixed(1)):release=\(releaseMilliseconds.fixed(1)):mix=\(mix.fixed(2))"
    }
}
