/// The least that a file must be to pass for an output: what is less was not made, whatever its maker says.
///
/// Workers measure what an executor made before they upload it, and the hub holds every report against the same floors
/// before it shows a file.
package struct OutputFloor: Sendable, Hashable {
    /// The smallest file that can be one of its kind, in bytes.
    package let bytes: Int64
    /// Frames that the task asks for.
    package var frames: Int?
    /// Samples of each channel that the task asks for, at `sampleRate`.
    package var samples: Int?
    /// The rate that samples are counted at, whatever the file's own is: who plays it resamples.
    package var sampleRate: Int?
    /// Shots that the task asks prompts for; `nil` where it asks for none.
    package var shots: [String]?

    /// The lowest rate that sound is made at: its end may lie between two samples of its own, and is the earlier then.
    private static let sampleRateMin = 8_000

    package static let emptyCode = "output_empty"
    package static let tooShortCode = "output_too_short"

    /// What is wrong with a file of so many bytes and with these facts; `nil` when nothing is.
    ///
    /// A fact that is not known speaks against nobody. All failures are temporary: another attempt may well do better.
    package func failure(of name: String, bytes size: Int64, media: MediaFacts) -> TaskFailure? {
        guard size >= bytes else {
            return TaskFailure(
                .temporary, code: Self.emptyCode,
                detail: "\(name) has \(size) bytes, and the smallest file of its kind has \(bytes)")
        }
        let slack = (sampleRate ?? 0) / Self.sampleRateMin
        return tooFew(media.frames, of: frames, "frames", in: name)
            ?? tooFew(media.samples, of: samples, "samples", in: name, slack: slack)
    }

    /// What is wrong with an object of shot to prompt; `nil` when every shot that was asked for has one.
    package func failure(of name: String, prompts: [String: String]) -> TaskFailure? {
        tooFew(shots?.count { prompts[$0]?.isEmpty == false }, of: shots?.count, "prompts", in: name)
    }

    private func tooFew(
        _ made: Int?, of asked: Int?, _ unit: String, in name: String, slack: Int = 0
    ) -> TaskFailure? {
        guard let asked, let made, made < asked, made == 0 || made < asked - slack else { return nil }
        return TaskFailure(
            .temporary, code: made > 0 ? Self.tooShortCode : Self.emptyCode,
            detail: "\(name) has \(made) of the \(asked) \(unit) that were asked for")
    }
}

extension OutputFloor {
    /// The boxes that every MP4 file with a video track has, without a single frame, are longer than this.
    private static let movieBytes: Int64 = 512
    /// A WAV header of 44 bytes, and one sample of 8 bits.
    private static let waveBytes: Int64 = 45
    /// The mark and the stream's description, 42 bytes, and the smallest frame that the format knows, 10 bytes.
    private static let flacBytes: Int64 = 52
    /// The smallest image that a decoder accepts: quantisation, Huffman tables, and a block.
    private static let jpegBytes: Int64 = 125
    /// `{}`.
    private static let objectBytes: Int64 = 2
    /// `"":"",` and a letter of a shot's name: what each shot adds to an object of prompts.
    private static let promptBytes: Int64 = 7
    /// The part of a second that no spoken word is shorter than, as 1/n.
    private static let wordsPerSecond = 20

    /// The floor for each output of a task, by its name.
    package static func table(of spec: TaskSpec) -> [String: OutputFloor] {
        switch spec {
        case .video(let spec): ["video.mp4": OutputFloor(bytes: movieBytes, frames: spec.frames)]
        case .lipsync(let spec): ["lipsync.mp4": OutputFloor(bytes: movieBytes, frames: spec.frames)]
        // How long a line takes is the voice's affair.
        case .speech(let spec):
            sound("speech.wav", bytes: waveBytes, samples: spec.sampleRate / wordsPerSecond, spec.sampleRate)
        case .music(let spec): sound("music.flac", bytes: flacBytes, samples: spec.samples, spec.sampleRate)
        case .effect(let spec): sound("effect.wav", bytes: waveBytes, samples: spec.samples, spec.sampleRate)
        case .prompts(let spec):
            [
                "prompts.json": OutputFloor(
                    bytes: objectBytes + promptBytes * Int64(spec.shots.count), shots: spec.shots.map(\.shot))
            ]
        case .compose(let spec):
            [
                "film.mp4": OutputFloor(bytes: movieBytes, frames: spec.timeline.frames),
                "poster.jpg": OutputFloor(bytes: jpegBytes), "report.json": OutputFloor(bytes: objectBytes),
            ]
        case .noop: [:]
        }
    }

    private static func sound(_ name: String, bytes: Int64, samples: Int, _ rate: Int) -> [String: OutputFloor] {
        [name: OutputFloor(bytes: bytes, samples: samples, sampleRate: rate)]
    }
}
