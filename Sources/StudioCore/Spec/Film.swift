extension RunSpec {
    /// A film as the spec describes it.
    package struct Film: Sendable, Hashable {
        package var title: String
        package var frameRate: FrameRate
        package var width: Int
        package var height: Int
        /// The language of the dialogue (BCP 47).
        package var language: String
        package var seed: Int
        package var style: String
        /// Whether a language model rewrites the prompts before the pictures are made.
        package var expandPrompts: Bool
        /// Characters, then places; each sorted by name.
        package var entities: [Entity]
        package var music: [Music]
        package var shots: [Shot]

        /// What every picture and sound of the film must look like.
        package var profile: DeliveryProfile {
            DeliveryProfile(
                width: width, height: height, frameRate: frameRate, videoTimescale: frameRate.exactTimescale)
        }

        /// Length of the film in frames: a dissolve belongs to two shots and counts once.
        package var frames: Int {
            shots.reduce(0) { $0 + $1.frames - $1.transition.overlap }
        }
    }

    /// A character or place.
    package struct Entity: Sendable, Hashable {
        package var kind: PlannedEntity.Kind
        package var name: String
        package var description: String
        /// A character's voice; ``RunSpec/Entity/standardVoice`` when the spec names none, `nil` for a place.
        package var voice: String?

        package static let standardVoice = "default"
    }

    /// Music under a part of the film.
    package struct Music: Sendable, Hashable {
        package var prompt: String
        package var from: SpecTime
        /// `nil` is the end of the film.
        package var to: SpecTime?
        package var gainDecibels: Double
    }

    /// A shot of the film.
    package struct Shot: Sendable, Hashable {
        package static let standardModel = "default"

        package var id: String
        package var frames: Int
        package var prompt: String
        /// Names of the characters and places it shows.
        package var entities: [String]
        package var model: String
        /// In the order of the spec.
        ///
        /// Lines may overlap: how long each takes is only known once it is spoken.
        package var dialogue: [Line]
        package var lipsync: Bool
        package var effects: [Effect]
        /// How it follows the shot before.
        package var transition: Transition
    }

    /// A line of dialogue; begins within its shot.
    package struct Line: Sendable, Hashable {
        package var by: String
        /// From the beginning of the shot.
        package var at: SpecTime
        package var line: String
    }

    /// A sound effect; begins within its shot.
    package struct Effect: Sendable, Hashable {
        package static let standardDuration = SpecTime.nanoseconds(1_000_000_000)

        package var prompt: String
        /// From the beginning of the shot.
        package var at: SpecTime
        package var duration: SpecTime
        package var gainDecibels: Double
    }
}
