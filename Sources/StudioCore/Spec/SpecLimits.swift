/// How large each part of a run spec may be.
///
/// Lengths of texts are in Unicode scalars.
package enum SpecLimits {
    /// Size of the document, in bytes.
    package static let bytesMax = 8 << 20
    /// Levels of lists and maps within each other.
    package static let depthMax = 32
    /// Faults reported at once; the rest is only counted.
    package static let faultsMax = 100

    package static let titleMax = 200
    package static let styleMax = 500
    package static let promptMax = 2_000
    package static let descriptionMax = 1_000
    package static let lineMax = 500
    /// Names of shots, characters, places, voices and models.
    package static let nameMax = 64

    package static let shotsMax = 10_000
    package static let charactersMax = 500
    package static let placesMax = 500
    package static let entitiesPerShotMax = 16
    package static let linesPerShotMax = 64
    package static let effectsPerShotMax = 64
    package static let musicMax = 16
    package static let metadataMax = 16
    package static let metadataValueMax = 500
    package static let labelsMax = 16
    /// Tasks that a film may need in all.
    package static let tasksMax = 50_000

    /// Pixels of a side of the picture; both sides are even.
    package static let sidePixels = 64...3_840
    /// The first takes about 10 minutes at 60 frames a second.
    package static let framesPerShot = 1...36_000
    package static let filmSecondsMax = 4 * 3_600
    package static let effectSecondsMax = 60
    package static let gainDecibels = -60.0...12.0
    /// Exact in a double, so that no program between changes it.
    package static let seeds = 0...(1 << 53 - 1)
    package static let attempts = 1...10
    /// A week at most.
    package static let deadlineSeconds = 1...604_800
    /// GPU memory that a run may ask of its workers.
    package static let vramMiB = 1...WorkerCapabilities.vramMiBMax
    package static let loadTasks = 1...1_000
    package static let loadSleepMilliseconds = 0...60_000

    /// The frame rates a film may have, as they are written.
    package static let frameRates: [(text: String, rate: FrameRate)] = [
        ("24", FrameRate(24)), ("25", FrameRate(25)), ("30", FrameRate(30)), ("48", FrameRate(48)),
        ("50", FrameRate(50)), ("60", FrameRate(60)), ("24000/1001", FrameRate(24_000, 1_001)),
        ("30000/1001", FrameRate(30_000, 1_001)), ("60000/1001", FrameRate(60_000, 1_001)),
    ]
}
