import MediaFiles
import StudioCore
import SystemPackage

/// Makes the film's sound: mixes, brings to the right loudness, encodes once.
struct SoundMixer: Sendable {
    /// What came out.
    struct Result: Sendable {
        /// Name within the scratch folder.
        let file: String
        let before: LoudnessMeasure
        let after: LoudnessMeasure
        let treatment: LoudnessTarget.Treatment
        let encodes: Int
    }

    private static let encodesMax = 3
    private static let output = "sound.m4a"

    let configuration: ComposerConfiguration
    let scratch: Scratch
    let report: CompositionProgress

    /// Reads the header of every sound of `timeline`.
    func sounds(
        of timeline: Timeline, inputs: [String: FilePath]
    ) throws -> [String: (path: FilePath, facts: SoundFacts)] {
        var sounds: [String: (path: FilePath, facts: SoundFacts)] = [:]
        for clip in timeline.speech + timeline.effects + timeline.music where sounds[clip.input] == nil {
            guard let path = inputs[clip.input] else {
                throw TaskFailure(.userError, code: "input_missing", detail: "no input \(clip.input)")
            }
            do {
                sounds[clip.input] = (path, try SoundFacts(reading: path))
            } catch let error as MediaFile.Unreadable {
                throw TaskFailure(.userError, code: "input_corrupt", detail: "sound \(clip.input): \(error.detail)")
            }
        }
        return sounds
    }

    func make(_ plan: SoundPlan) async throws -> Result {
        let lanes = try await lanes(of: plan)
        let graph = SoundGraph.mix(
            lanes, samples: plan.samples, sampleRate: plan.sampleRate, ducking: configuration.ducking)
        let mixed = try await render(
            graph, name: "mix", samples: plan.samples, rate: plan.sampleRate, phase: "composing.mix")
        guard let before = LoudnessMeasure(log: mixed) else {
            throw TaskFailure(.temporary, code: "loudness_unknown", detail: "ffmpeg did not say how loud the mix is")
        }
        let seconds = Double(plan.samples) / Double(plan.sampleRate)
        var treatment = configuration.loudness.treatment(of: before, seconds: seconds)
        var after = before
        var encodes = 0
        while encodes < Self.encodesMax {
            after = try await encode(plan, treatment)
            encodes += 1
            guard encodes < Self.encodesMax,
                let better = configuration.loudness.correction(of: treatment, after: after)
            else { break }
            treatment = better
        }
        if treatment.skipped == nil,
            abs(after.integrated - configuration.loudness.integrated) > FilmVerifier.loudnessSlack
        {
            treatment.skipped = "not within reach of gain and limiter"
        }
        return Result(file: Self.output, before: before, after: after, treatment: treatment, encodes: encodes)
    }

    private func encode(_ plan: SoundPlan, _ treatment: LoudnessTarget.Treatment) async throws -> LoudnessMeasure {
        report("composing.loudness", 0, plan.samples, "samples")
        try await configuration.run(
            SoundArguments.encode(
                "mix.wav", treatment, samples: plan.samples, sampleRate: plan.sampleRate, to: Self.output),
            in: scratch.directory, step: "encoding the sound", progress: counter("composing.loudness", plan))
        let log = try await configuration.run(
            SoundArguments.measure(Self.output), in: scratch.directory, step: "measuring the sound", verbose: true,
            progress: counter("composing.measure", plan)
        ).log
        guard let measure = LoudnessMeasure(log: log) else {
            throw TaskFailure(.temporary, code: "loudness_unknown", detail: "ffmpeg did not say how loud the film is")
        }
        return measure
    }

    private func counter(_ phase: String, _ plan: SoundPlan) -> @Sendable (FFmpegRun.Progress) -> Void {
        { progress in
            let done = progress.microseconds / 1_000 * plan.sampleRate / 1_000
            report(phase, min(done, plan.samples), plan.samples, "samples")
        }
    }

    /// Every bus with its lanes; when there are more sounds than one run may open, lanes are rendered in parts first.
    private func lanes(of plan: SoundPlan) async throws -> [(kind: SoundBus.Kind, lanes: [SoundGraph.Lane])] {
        guard plan.clips > configuration.inputsMax else {
            return plan.buses.map { ($0.kind, $0.lanes.map { .clips($0) }) }
        }
        guard plan.lanes <= configuration.inputsMax else {
            throw TaskFailure(.userError, code: "too_many_sounds", detail: "\(plan.lanes) sounds at once")
        }
        var buses: [(kind: SoundBus.Kind, lanes: [SoundGraph.Lane])] = []
        for bus in plan.buses {
            var lanes: [SoundGraph.Lane] = []
            for (index, clips) in bus.lanes.enumerated() {
                lanes.append(.list(try await render(clips, "\(bus.kind.rawValue)\(index)", bus.kind.channels, plan)))
            }
            buses.append((bus.kind, lanes))
        }
        return buses
    }

    /// Renders a lane in parts of a bounded number of inputs; each part ends where the next one's first sound begins.
    private func render(_ clips: [SoundClip], _ name: String, _ channels: Int, _ plan: SoundPlan) async throws -> String
    {
        let parts = stride(from: 0, to: clips.count, by: configuration.inputsMax).map {
            Array(clips[$0..<min($0 + configuration.inputsMax, clips.count)])
        }
        var list = "ffconcat version 1.0\n"
        for (index, part) in parts.enumerated() {
            let start = index == 0 ? 0 : part.first?.start ?? 0
            let end = index + 1 < parts.count ? parts[index + 1].first?.start ?? plan.samples : plan.samples
            let graph = SoundGraph.lane(part, range: start..<end, channels: channels, sampleRate: plan.sampleRate)
            let file = "\(name)-\(index)"
            _ = try await render(
                graph, name: file, samples: end - start, rate: plan.sampleRate, phase: "composing.lanes")
            list += "file \(file).wav\n"
            report("composing.mix", end, plan.samples, "samples")
        }
        try scratch.write(list, to: "\(name).ffconcat")
        return "\(name).ffconcat"
    }

    /// Runs a graph into `name`.wav and checks its length to the sample.
    private func render(
        _ graph: SoundGraph, name: String, samples: Int, rate: Int, phase: String
    ) async throws -> String {
        try scratch.write(graph.script, to: "\(name).graph")
        let outcome = try await configuration.run(
            SoundArguments.render(graph, script: "\(name).graph", to: "\(name).wav"), in: scratch.directory,
            step: "mixing \(name)", verbose: true,
            progress: { progress in
                report(phase, min(samples, progress.microseconds / 1_000 * rate / 1_000), samples, "samples")
            })
        let made = try SoundFacts(reading: scratch.path("\(name).wav")).samples
        guard made == samples else {
            throw TaskFailure(
                .temporary, code: "mix_wrong", detail: "\(name) has \(made) samples, not \(samples)")
        }
        return outcome.log
    }
}
