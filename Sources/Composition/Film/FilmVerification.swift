/// What checking a film brought to light.
package struct FilmVerification: Sendable, Codable, Hashable {
    /// What is wrong, for people; empty when the film is as planned.
    package var findings: [String] = []
    package var frames = 0
    package var framesDecoded = 0
    /// How often each distance between neighbouring frames occurs, by its length in ticks.
    package var steps: [String: Int] = [:]
    /// Time of the first frame, in ticks.
    package var pictureStart = 0
    /// Length of the sound as the file declares it.
    package var samples = 0
    /// Samples that come out of the decoder; up to one codec frame more than declared.
    package var samplesDecoded = 0
    package var decodeErrors = 0
    /// Whether the index lies before the data, so that playing can begin at once.
    package var isFastStart = false
    package var pictureCodec = ""
    package var soundCodec = ""
    package var loudness: LoudnessMeasure?

    package init() {}

    package var passed: Bool { findings.isEmpty }
}
