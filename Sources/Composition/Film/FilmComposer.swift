import MediaFiles
package import StudioCore
package import SystemPackage

/// Makes a film from shots and sounds: copies what can be copied, encodes what has to be, checks the result.
package struct FilmComposer: Sendable {
    /// The code of the failure when there is no ffmpeg.
    package static let missingToolCode = "ffmpeg_missing"

    private let configuration: ComposerConfiguration

    package init(_ configuration: ComposerConfiguration) {
        self.configuration = configuration
    }

    /// Composes the film.
    ///
    /// - Parameters:
    ///   - inputs: where the files are that the timeline names; absolute paths.
    ///   - directory: receives `film.mp4`, `poster.jpg` and `report.json`; scratch files in it are removed again.
    ///   - progress: called from several tasks; at most a few times a second.
    /// - Throws: `TaskFailure` of class `user_error` for inputs that cannot become a film, of class `resource` or
    ///   `temporary` for the machine's troubles; `CancellationError` when cancelled, with every child process gone.
    package func compose(
        title: String, timeline: Timeline, inputs: [String: FilePath], into directory: FilePath,
        progress: @escaping CompositionProgress
    ) async throws -> ComposedFilm {
        let scratch = try Scratch(in: directory)
        defer { scratch.remove() }
        do {
            return try await FilmWork(
                configuration: configuration, scratch: scratch, directory: directory, report: progress
            ).run(title: title, timeline: timeline, inputs: inputs)
        } catch let error as TaskFailure {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            try Task.checkCancellation()
            throw TaskFailure(.temporary, code: "compose_failed", detail: "\(error)")
        }
    }
}

/// One composition under way.
private struct FilmWork {
    let configuration: ComposerConfiguration
    let scratch: Scratch
    let directory: FilePath
    let report: CompositionProgress

    private typealias Timed<Value> = (value: Value, timing: CompositionReport.Timing)

    func run(title: String, timeline: Timeline, inputs: [String: FilePath]) async throws -> ComposedFilm {
        let version = try await configuration.run.version()
        let probed = try await timed("probe") { try await probe(timeline, inputs) }
        let (sources, planner, soundPlan) = probed.value

        async let sounding = timed("sound") {
            try await SoundMixer(configuration: configuration, scratch: scratch, report: report).make(soundPlan)
        }
        let pictured = try await timed("picture") { try await picture(timeline, sources, planner) }
        let sound = try await sounding
        let (plan, signature, pieces) = pictured.value

        let film = scratch.path("film.mp4")
        let arguments = FilmArguments(profile: timeline.profile)
        let joined = try await timed("mux") {
            report("composing.mux", 0, timeline.frames, "frames")
            try scratch.write(arguments.list(pieces), to: "picture.ffconcat")
            try await configuration.run(
                arguments.join(
                    list: "picture.ffconcat", sound: sound.value.file, title: title, to: "film.mp4"),
                in: scratch.directory, step: "joining the film",
                progress: { report("composing.mux", min($0.frames, timeline.frames), timeline.frames, "frames") })
        }
        let verified = try await timed("verify") {
            try await verify(film, timeline, sources, skipsLoudness: sound.value.treatment.skipped != nil)
        }
        let posted = try await timed("poster") { try await poster(of: film, timeline, arguments) }

        let made = CompositionReport(
            title: title, profile: timeline.profile, frames: timeline.frames, samples: timeline.samples,
            picture: .init(
                shots: plan.shots, bridges: plan.bridges, framesCopied: plan.frames - plan.framesEncoded,
                framesEncoded: plan.framesEncoded,
                copiedRatio: Double(plan.frames - plan.framesEncoded) / Double(max(1, plan.frames)),
                signature: "\(signature)"),
            sound: .init(
                speech: timeline.speech.count, effects: timeline.effects.count, music: timeline.music.count,
                dropped: soundPlan.dropped,
                ducking: timeline.speech.isEmpty || timeline.music.isEmpty ? nil : configuration.ducking),
            loudness: .init(
                target: configuration.loudness, before: sound.value.before, after: sound.value.after,
                treatment: sound.value.treatment, encodes: sound.value.encodes),
            verification: verified.value, ffmpeg: version,
            timings: [
                probed.timing, pictured.timing, sound.timing, joined.timing, verified.timing, posted.timing,
            ])
        try scratch.write(try made.json(), to: "report.json")
        // Only what was verified gets the name of a film.
        return ComposedFilm(
            film: try scratch.move("film.mp4", to: directory.appending("film.mp4")),
            poster: try scratch.move(posted.value, to: directory.appending("poster.jpg")),
            reportFile: try scratch.move("report.json", to: directory.appending("report.json")), report: made)
    }

    private func timed<Value: Sendable>(
        _ phase: String, _ body: () async throws -> Value
    ) async rethrows -> Timed<Value> {
        let clock = ContinuousClock()
        let start = clock.now
        let value = try await body()
        return (value, CompositionReport.Timing(phase: phase, seconds: (clock.now - start) / .seconds(1)))
    }

    private func probe(
        _ timeline: Timeline, _ inputs: [String: FilePath]
    ) async throws -> ([PictureSource], PicturePlanner, SoundPlan) {
        let builder = PictureBuilder(
            configuration: configuration, profile: timeline.profile, scratch: scratch, report: report)
        let sources = try await builder.sources(of: timeline, inputs: inputs)
        let planner = PicturePlanner(timeline: timeline, sources: sources)
        try planner.validate()
        let mixer = SoundMixer(configuration: configuration, scratch: scratch, report: report)
        return (
            sources, planner, try SoundPlan(timeline: timeline, sounds: try mixer.sounds(of: timeline, inputs: inputs))
        )
    }

    private func picture(
        _ timeline: Timeline, _ sources: [PictureSource], _ planner: PicturePlanner
    ) async throws -> (PicturePlan, SpliceSignature, [(name: String, frames: Int)]) {
        let builder = PictureBuilder(
            configuration: configuration, profile: timeline.profile, scratch: scratch, report: report)
        let signature: SpliceSignature
        if !planner.needsEncoder, let common = planner.commonSignature {
            signature = common
        } else {
            signature = try await builder.ownSignature()
        }
        let plan = planner.plan(signature: signature)
        return (plan, signature, try await builder.build(plan, sources: sources, signature: signature))
    }

    private func verify(
        _ film: FilePath, _ timeline: Timeline, _ sources: [PictureSource], skipsLoudness: Bool
    ) async throws -> FilmVerification {
        let expectation = FilmVerifier.Expectation(
            timeline: timeline, target: configuration.loudness, checksLoudness: !skipsLoudness)
        report("composing.verify", 0, timeline.frames, "frames")
        let verification = try await FilmVerifier(configuration).verify(film, expectation) {
            report("composing.verify", min($0, timeline.frames), timeline.frames, "frames")
        }
        guard !verification.passed else { return verification }
        let findings = verification.findings.joined(separator: "; ")
        if verification.decodeErrors > 0 {
            // Copied data is first decoded here: the blame belongs to the shot it came from.
            for source in sources {
                do {
                    try await configuration.run(
                        FilmArguments.checkPicture(source.path), in: scratch.directory, step: "decoding"
                    ) { report("composing.verify", min($0.frames, timeline.frames), timeline.frames, "frames") }
                } catch let failure as TaskFailure where failure.errorClass != .resource {
                    throw TaskFailure(
                        .userError, code: "input_corrupt",
                        detail: "shot \(source.segment.shot) cannot be decoded: \(failure.detail.suffix(600))")
                }
            }
        }
        throw TaskFailure(.temporary, code: "film_refused", detail: findings)
    }

    /// The middle of the first shot, or the most detailed of a few stills when that one shows next to nothing.
    private func poster(of film: FilePath, _ timeline: Timeline, _ arguments: FilmArguments) async throws -> String {
        let pixelsAByte = 100
        let first = timeline.segments.first?.frames ?? timeline.frames
        var best = (name: "", bytes: 0)
        for (index, frame) in [first / 2, timeline.frames / 3, timeline.frames * 2 / 3].enumerated() {
            let name = "poster\(index).jpg"
            try await configuration.run(
                arguments.poster(film, frame: frame, to: name), in: scratch.directory, step: "making the poster")
            let bytes = try MediaFile.reading(scratch.path(name)) { $0.size }
            if bytes > best.bytes { best = (name, bytes) }
            if bytes * pixelsAByte > timeline.profile.width * timeline.profile.height { break }
        }
        return best.name
    }
}
