import MediaFiles
package import StudioCore
package import SystemPackage

/// Checks a finished film against its plan: structure from the file's boxes, content by decoding all of it.
package struct FilmVerifier: Sendable {
    /// What the film has to be.
    package struct Expectation: Sendable {
        package let profile: DeliveryProfile
        package let frames: Int
        package let samples: Int
        package let target: LoudnessTarget
        /// Whether the loudness target was aimed at.
        package let checksLoudness: Bool

        package init(timeline: Timeline, target: LoudnessTarget, checksLoudness: Bool) {
            profile = timeline.profile
            frames = timeline.frames
            samples = timeline.samples
            self.target = target
            self.checksLoudness = checksLoudness
        }
    }

    /// The film's loudness may be off by this much, in LU.
    package static let loudnessSlack = 1.0
    /// An AAC frame: decoders that ignore edit lists return the sound rounded up to whole ones.
    private static let soundFrame = 1_024
    private static let findingsMax = 20

    private let run: FFmpegRun

    package init(_ configuration: ComposerConfiguration) {
        run = configuration.run
    }

    /// Checks the film at `path`; what is wrong stands in the result.
    ///
    /// - Throws: `TaskFailure` when ffmpeg itself cannot be run, `CancellationError`.
    package func verify(
        _ path: FilePath, _ expectation: Expectation, progress: (@Sendable (Int) -> Void)? = nil
    ) async throws -> FilmVerification {
        var result = FilmVerification()
        do {
            checkStructure(try MovieFile(reading: path), expectation, &result)
        } catch {
            result.findings.append("the file cannot be read: \((error as? MediaFile.Unreadable)?.detail ?? "\(error)")")
            return result
        }
        do {
            let outcome = try await run(
                FilmArguments.check(path), in: path.removingLastComponent(), step: "decoding the film", verbose: true,
                progress: { progress?($0.frames) })
            checkContent(outcome, expectation, &result)
        } catch let failure as TaskFailure where failure.code == "input_corrupt" || failure.code == "ffmpeg_failed" {
            result.decodeErrors += 1
            result.findings.append("it cannot be decoded: \(failure.detail.suffix(400))")
        }
        result.findings = Array(result.findings.prefix(Self.findingsMax))
        return result
    }

    private func checkStructure(_ movie: MovieFile, _ expected: Expectation, _ result: inout FilmVerification) {
        func expect<Value: Equatable>(_ name: String, _ value: Value, _ wanted: Value) {
            if value != wanted { result.findings.append("\(name) is \(value), not \(wanted)") }
        }
        result.isFastStart = movie.indexOffset < movie.dataOffset ?? 0
        expect("index before data", result.isFastStart, true)
        expect("number of pictures", movie.pictures.count, 1)
        expect("number of sounds", movie.sounds.count, 1)
        if let picture = movie.pictures.first, let facts = try? PictureFacts(movie: movie) {
            result.frames = facts.frames
            result.pictureCodec = facts.codec
            result.steps = Dictionary(uniqueKeysWithValues: facts.steps.map { ("\($0.key)", $0.value) })
            result.pictureStart = facts.presentation.first ?? 0
            expect("number of frames", facts.frames, expected.frames)
            expect("picture's codec", facts.codec, "avc1")
            expect("size", "\(facts.width)x\(facts.height)", "\(expected.profile.width)x\(expected.profile.height)")
            expect("picture's timescale", facts.timescale, expected.profile.videoTimescale)
            expect("picture's start", result.pictureStart, 0)
            expect("picture's descriptions", picture.descriptions, 1)
            if let frame = facts.firstOffGrid(at: expected.profile.frameRate) {
                result.findings.append("frame \(frame) is not where the frame rate puts it; steps: \(result.steps)")
            }
        } else {
            result.findings.append("there is no whole picture track")
        }
        guard let sound = movie.sounds.first else { return }
        // Without a trustworthy edit list the sound is as long as its packets, priming included.
        result.samples = min(movie.editTicks(of: sound) ?? Int.max, sound.mediaDuration - sound.editStart)
        result.soundCodec = sound.codec
        expect("length of the sound in samples", result.samples, expected.samples)
        expect("sound's codec", sound.codec, "mp4a")
        expect("sound's rate", sound.timescale, expected.profile.sampleRate)
        expect("sound's channels", sound.channels, 2)
        expect("sound's start", sound.emptyEdit, 0)
    }

    private func checkContent(_ outcome: FFmpegRun.Outcome, _ expected: Expectation, _ result: inout FilmVerification) {
        let errors = outcome.log.split(separator: "\n").filter {
            $0.contains("[error]") || $0.contains("[fatal]")
        }
        result.decodeErrors = errors.count
        if let first = errors.first { result.findings.append("\(errors.count) errors in decoding: \(first)") }
        result.framesDecoded = outcome.progress.frames
        if result.framesDecoded != expected.frames {
            result.findings.append("\(result.framesDecoded) frames can be decoded, not \(expected.frames)")
        }
        if let at = outcome.log.ranges(of: "Number of samples:").last?.upperBound {
            result.samplesDecoded = Int(outcome.log[at...].drop { $0 == " " }.prefix { $0.isNumber }) ?? 0
        }
        let surplus = result.samplesDecoded - expected.samples
        if surplus < 0 || surplus >= Self.soundFrame {
            result.findings.append("\(result.samplesDecoded) samples can be decoded, not \(expected.samples)")
        }
        guard let loudness = LoudnessMeasure(log: outcome.log) else {
            result.findings.append("the loudness is unknown")
            return
        }
        result.loudness = loudness
        if expected.checksLoudness, abs(loudness.integrated - expected.target.integrated) > Self.loudnessSlack {
            let target = expected.target.integrated.fixed(1)
            result.findings.append("loudness is \(loudness.integrated.fixed(1)) LUFS, not \(target)")
        }
        if let peak = loudness.truePeak, peak > expected.target.truePeakMax {
            let ceiling = expected.target.truePeakMax.fixed(1)
            result.findings.append("true peak is \(peak.fixed(1)) dB, above \(ceiling)")
        }
    }
}
