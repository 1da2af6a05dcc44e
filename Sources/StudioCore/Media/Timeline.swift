/// How one shot follows the one before it.
package struct Transition: Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case cut
        /// The last `frames` of the shot before and the first `frames` of this one are the same frames of the film.
        case dissolve
        /// The last `frames` of the shot before go to black, the first `frames` of this one come from it; nothing
        /// overlaps.
        case fade
    }

    package let kind: Kind
    /// Length in frames; 0 for a cut.
    package let frames: Int

    package static let cut = Transition(kind: .cut, frames: 0)

    package init(kind: Kind, frames: Int) {
        self.kind = kind
        self.frames = frames
    }

    /// Frames that this shot shares with the one before.
    package var overlap: Int { kind == .dissolve ? frames : 0 }
}

/// The film as the composer builds it: where each picture and sound lies, in frames and samples.
package struct Timeline: Codable, Sendable, Hashable {
    /// A shot's picture.
    package struct Segment: Codable, Sendable, Hashable {
        package let shot: String
        /// The name of the input that holds the video.
        package let input: String
        package let frames: Int
        /// Where it begins in the film, in frames.
        package let startFrame: Int
        package let transition: Transition

        package init(shot: String, input: String, frames: Int, startFrame: Int, transition: Transition) {
            self.shot = shot
            self.input = input
            self.frames = frames
            self.startFrame = startFrame
            self.transition = transition
        }
    }

    /// A sound at a place.
    package struct Clip: Codable, Sendable, Hashable {
        package let input: String
        /// Where it begins in the film, in samples.
        package let startSample: Int
        /// It is cut, with a short fade, at this sample of the film at the latest.
        package let endSampleMax: Int
        package let gainDecibels: Double

        package init(input: String, startSample: Int, endSampleMax: Int, gainDecibels: Double = 0) {
            self.input = input
            self.startSample = startSample
            self.endSampleMax = endSampleMax
            self.gainDecibels = gainDecibels
        }
    }

    package let profile: DeliveryProfile
    /// Length of the film in frames.
    package let frames: Int
    /// Length of the sound in samples: the sample at which the frame after the last would begin.
    package let samples: Int
    package let segments: [Segment]
    package let speech: [Clip]
    package let effects: [Clip]
    package let music: [Clip]

    package init(
        profile: DeliveryProfile, frames: Int, segments: [Segment], speech: [Clip], effects: [Clip], music: [Clip]
    ) {
        self.profile = profile
        self.frames = frames
        self.samples = profile.sample(atFrame: frames)
        self.segments = segments
        self.speech = speech
        self.effects = effects
        self.music = music
    }
}
