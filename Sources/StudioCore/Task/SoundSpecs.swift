/// Speaks one line; mono, at the profile's sample rate, as long as the line takes.
package struct SpeechSpec: Codable, Sendable, Hashable {
    package let line: String
    package let voice: String
    package let language: String
    package let seed: UInt64
    package let sampleRate: Int

    package init(line: String, voice: String, language: String, seed: UInt64, sampleRate: Int) {
        self.line = line
        self.voice = voice
        self.language = language
        self.seed = seed
        self.sampleRate = sampleRate
    }
}

/// Makes music of an exact length; stereo.
package struct MusicSpec: Codable, Sendable, Hashable {
    package let prompt: String
    package let samples: Int
    package let seed: UInt64
    package let sampleRate: Int

    package init(prompt: String, samples: Int, seed: UInt64, sampleRate: Int) {
        self.prompt = prompt
        self.samples = samples
        self.seed = seed
        self.sampleRate = sampleRate
    }
}

/// Makes a sound effect of an exact length; mono.
package struct EffectSpec: Codable, Sendable, Hashable {
    package let prompt: String
    package let samples: Int
    package let seed: UInt64
    package let sampleRate: Int

    package init(prompt: String, samples: Int, seed: UInt64, sampleRate: Int) {
        self.prompt = prompt
        self.samples = samples
        self.seed = seed
        self.sampleRate = sampleRate
    }
}
