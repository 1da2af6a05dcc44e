import FoundationEssentials
package import StudioCore

/// What was done to make a film, and how the result measures; delivered beside it as JSON.
package struct CompositionReport: Sendable, Codable {
    /// How the picture was joined.
    package struct Picture: Sendable, Codable {
        package let shots: [PicturePlan.Shot]
        package let bridges: [PicturePlan.Bridge]
        package let framesCopied: Int
        package let framesEncoded: Int
        /// Share of the film's frames that are the workers' own, from 0 to 1.
        package let copiedRatio: Double
        /// Digest of the stream parameters that all pieces share.
        package let signature: String
    }

    /// How the sound was mixed.
    package struct Sound: Sendable, Codable {
        package let speech: Int
        package let effects: Int
        package let music: Int
        /// Sounds of the timeline that are not heard, and why.
        package let dropped: [String]
        /// How the music was lowered; absent when there was nothing to lower it for.
        package let ducking: Ducking?
    }

    /// How loud the film was and is.
    package struct Loudness: Sendable, Codable {
        package let target: LoudnessTarget
        package let before: LoudnessMeasure
        package let after: LoudnessMeasure
        package let treatment: LoudnessTarget.Treatment
        package let encodes: Int
    }

    /// How long a part of the work took.
    package struct Timing: Sendable, Codable {
        package let phase: String
        package let seconds: Double
    }

    package let title: String
    package let profile: DeliveryProfile
    package let frames: Int
    package let samples: Int
    package let picture: Picture
    package let sound: Sound
    package let loudness: Loudness
    package let verification: FilmVerification
    package let ffmpeg: String
    package let timings: [Timing]

    /// The report as it is delivered: keys in snake case, sorted.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
