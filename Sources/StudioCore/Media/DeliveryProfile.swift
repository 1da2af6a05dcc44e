/// What every picture and sound of a run must look like, so that the composer can join without encoding again.
package struct DeliveryProfile: Codable, Sendable, Hashable {
    package let width: Int
    package let height: Int
    package let frameRate: FrameRate
    /// Samples a second of every sound.
    package let sampleRate: Int
    /// Ticks a second of the video track; a frame must last a whole number of them, see ``FrameRate/exactTimescale``.
    package let videoTimescale: Int

    /// Time scales that players know well, best first.
    static let timescales = [90_000, 120_000]

    package init(
        width: Int, height: Int, frameRate: FrameRate, sampleRate: Int = 48_000, videoTimescale: Int = 90_000
    ) {
        self.width = width
        self.height = height
        self.frameRate = frameRate
        self.sampleRate = sampleRate
        self.videoTimescale = videoTimescale
    }

    /// The sample at which `frame` begins, rounded to the nearest: sums of shots never drift.
    package func sample(atFrame frame: Int) -> Int {
        let numerator = frame * sampleRate * frameRate.denominator
        return (2 * numerator + frameRate.numerator) / (2 * frameRate.numerator)
    }
}

/// What a producer says of a file it made; the composer checks it again.
package struct MediaFacts: Codable, Sendable, Hashable {
    package var frames: Int?
    /// Samples of each channel at the rate that the task asks for, whatever the file's own rate is.
    package var samples: Int?
    package var width: Int?
    package var height: Int?

    package init(frames: Int? = nil, samples: Int? = nil, width: Int? = nil, height: Int? = nil) {
        self.frames = frames
        self.samples = samples
        self.width = width
        self.height = height
    }
}
