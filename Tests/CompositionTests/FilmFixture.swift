import Composition
import FoundationEssentials
import StudioCore
import SystemPackage

/// Makes small shots and sounds with the local ffmpeg, as workers would deliver them.
struct FilmFixture {
    let folder: FilePath
    let configuration: ComposerConfiguration
    let profile: DeliveryProfile

    init(
        in folder: FilePath,
        profile: DeliveryProfile = DeliveryProfile(width: 320, height: 180, frameRate: FrameRate(24))
    ) throws {
        self.folder = folder
        self.profile = profile
        configuration = try ComposerConfiguration()
    }

    private var run: FFmpegRun { FFmpegRun(executable: configuration.ffmpeg, limit: .seconds(120)) }

    /// A moving test picture in the delivery profile, with key frames where asked for.
    func shot(
        _ name: String, frames: Int, keyframes: [Int] = [], hue: Int = 0, size: String? = nil, rate: String? = nil,
        preset: String = "superfast", timescale: Int? = nil
    ) async throws -> FilePath {
        let size = size ?? "\(profile.width)x\(profile.height)"
        let rate = rate ?? "\(profile.frameRate.numerator)/\(profile.frameRate.denominator)"
        let keys = (["eq(n,0)"] + keyframes.map { "eq(n,\($0))" }).joined(separator: "+")
        try await run(
            [
                "-f", "lavfi", "-i", "testsrc2=s=\(size):r=\(rate),hue=h=\(hue)", "-frames:v", "\(frames)",
                "-force_key_frames", "expr:\(keys)", "-c:v", "libx264", "-preset", preset, "-crf", "20", "-threads",
                "1",
                "-g", "48", "-keyint_min", "48", "-sc_threshold", "0", "-bf", "2", "-pix_fmt", "yuv420p",
                "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
                "-flags", "+cgop+bitexact", "-fflags", "+bitexact", "-map_metadata", "-1", "-an",
                "-video_track_timescale", "\(timescale ?? profile.videoTimescale)", "-movflags", "+faststart", name,
            ], in: folder, step: "making a shot")
        return folder.appending(name)
    }

    /// A sound from one of ffmpeg's sources.
    func sound(_ name: String, _ source: String) async throws -> FilePath {
        try await run(
            [
                "-f", "lavfi", "-i", source, "-ar", "\(profile.sampleRate)", "-c:a",
                name.hasSuffix("flac") ? "flac" : "pcm_s16le", name,
            ],
            in: folder, step: "making a sound")
        return folder.appending(name)
    }

    func speech(_ name: String, _ text: String) async throws -> FilePath {
        try text.write(toFile: folder.appending("\(name).txt").string, atomically: false, encoding: .utf8)
        return try await sound(name, "flite=textfile=\(name).txt:voice=slt")
    }

    /// The mean level of a stretch of a file's sound, in dB of full scale.
    func level(_ path: FilePath, from start: Double, to end: Double, filter: String = "anull") async throws -> Double {
        let log = try await run(
            [
                "-i", path.string, "-map", "0:a:0", "-af", "atrim=\(start):\(end),\(filter),volumedetect", "-f", "null",
                "-",
            ], in: folder, step: "measuring", verbose: true
        ).log
        guard let at = log.ranges(of: "mean_volume:").last?.upperBound else { return -.infinity }
        return Double(log[at...].drop { $0 == " " }.prefix { !$0.isWhitespace }) ?? -.infinity
    }

    /// Mean brightness of every frame, from 0 to 255.
    func brightness(_ path: FilePath) async throws -> [Double] {
        try await run(
            [
                "-i", path.string, "-map", "0:v:0", "-vf", "scale=1:1:flags=area,format=gray", "-f", "rawvideo",
                "gray.raw",
            ],
            in: folder, step: "measuring")
        return try bytes(of: folder.appending("gray.raw")).map(Double.init)
    }

    func ffmpeg(_ arguments: [String]) async throws {
        try await run(arguments, in: folder, step: "preparing")
    }

    func output(_ name: String = "out") throws -> FilePath {
        let path = folder.appending(name)
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        return path
    }

    func compose(
        _ timeline: Timeline, _ inputs: [String: FilePath], title: String = "A film", into name: String = "out",
        configure: (inout ComposerConfiguration) -> Void = { _ in }
    ) async throws -> ComposedFilm {
        var configuration = self.configuration
        configure(&configuration)
        return try await FilmComposer(configuration).compose(
            title: title, timeline: timeline, inputs: inputs, into: try output(name)
        ) { _, _, _, _ in }
    }
}

/// Segments one behind the other, with dissolves overlapping.
func segments(_ shots: [(name: String, frames: Int, transition: Transition)]) -> [Timeline.Segment] {
    var end = 0
    return shots.map { shot in
        let start = end - shot.transition.overlap
        end = start + shot.frames
        return Timeline.Segment(
            shot: shot.name, input: "\(shot.name)/video", frames: shot.frames, startFrame: start,
            transition: shot.transition)
    }
}

func timeline(
    _ profile: DeliveryProfile, _ segments: [Timeline.Segment], speech: [Timeline.Clip] = [],
    effects: [Timeline.Clip] = [], music: [Timeline.Clip] = []
) -> Timeline {
    let end = segments.last.map { $0.startFrame + $0.frames } ?? 0
    return Timeline(
        profile: profile, frames: end, segments: segments, speech: speech, effects: effects, music: music)
}
