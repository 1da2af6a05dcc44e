/// A person, place or thing that a picture shows.
package struct EntityCue: Codable, Sendable, Hashable {
    package let name: String
    package let description: String

    package init(name: String, description: String) {
        self.name = name
        self.description = description
    }
}

/// Makes a shot's picture.
///
/// Input `prompts`, when there, is a JSON object of shot to expanded prompt.
package struct VideoSpec: Codable, Sendable, Hashable {
    /// The shot's name in the run spec.
    package let shot: String
    /// The shot's number in the film, from 1.
    package let number: Int
    package let prompt: String
    package let style: String
    package let entities: [EntityCue]
    package let model: String
    package let seed: UInt64
    package let profile: DeliveryProfile
    package let frames: Int
    /// Where the shot begins in the film, in frames: for burnt-in time code.
    package let startFrame: Int
    /// Frames of this shot that must be key frames, besides the first: where the composer may cut.
    package let keyframes: [Int]

    package init(
        shot: String, number: Int, prompt: String, style: String, entities: [EntityCue], model: String, seed: UInt64,
        profile: DeliveryProfile, frames: Int, startFrame: Int, keyframes: [Int]
    ) {
        self.shot = shot
        self.number = number
        self.prompt = prompt
        self.style = style
        self.entities = entities
        self.model = model
        self.seed = seed
        self.profile = profile
        self.frames = frames
        self.startFrame = startFrame
        self.keyframes = keyframes
    }
}

/// Makes the mouths of a shot follow its speech.
///
/// Inputs: `video`, and one for each of `lines`.
package struct LipsyncSpec: Codable, Sendable, Hashable {
    /// A line of speech within the shot.
    package struct Line: Codable, Sendable, Hashable {
        package let input: String
        /// Where it begins in the shot, in samples.
        package let startSample: Int

        package init(input: String, startSample: Int) {
            self.input = input
            self.startSample = startSample
        }
    }

    package let shot: String
    package let seed: UInt64
    package let profile: DeliveryProfile
    package let frames: Int
    package let keyframes: [Int]
    package let lines: [Line]

    package init(
        shot: String, seed: UInt64, profile: DeliveryProfile, frames: Int, keyframes: [Int], lines: [Line]
    ) {
        self.shot = shot
        self.seed = seed
        self.profile = profile
        self.frames = frames
        self.keyframes = keyframes
        self.lines = lines
    }
}
