import StudioCore
import SystemPackage

/// How mock media are encoded, and the check that they are what was asked for.
enum MockDelivery {
    /// The contract of the delivery profile: what stands in the decoder configuration is the same for every shot.
    ///
    /// The preset is the fastest one whose decoder configuration is that of `veryfast`, the composer's own.
    static func pictureArguments(_ profile: DeliveryProfile, keyframes: [Int], frames: Int) -> [String] {
        let keys = ["eq(n,0)"] + keyframes.filter { 1..<max(frames, 2) ~= $0 }.sorted().map { "eq(n,\($0))" }
        return [
            "-frames:v", "\(frames)", "-force_key_frames", "expr:\(keys.joined(separator: "+"))",
            "-c:v", "libx264", "-preset", "superfast", "-x264-params", "b-adapt=0:subme=0", "-crf", "20", "-threads",
            "1",
            "-g", "48", "-keyint_min", "48", "-sc_threshold", "0", "-bf", "2", "-pix_fmt", "yuv420p",
            "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
            "-flags", "+cgop+bitexact", "-fflags", "+bitexact", "-map_metadata", "-1", "-an",
            "-video_track_timescale", "\(profile.videoTimescale)", "-movflags", "+faststart", "-f", "mp4",
        ]
    }

    /// Options for a sound of the exact length that the filter before them made.
    static func soundArguments(codec: String, channels: Int, rate: Int) -> [String] {
        [
            "-ar", "\(rate)", "-ac", "\(channels)", "-c:a", codec, "-map_metadata", "-1", "-flags", "+bitexact",
            "-fflags", "+bitexact",
        ]
    }

    static func picture(_ name: String, in directory: FilePath, _ profile: DeliveryProfile, frames: Int) -> ProducedFile
    {
        ProducedFile(
            name: name, path: directory.appending(name), contentType: "video/mp4",
            media: MediaFacts(frames: frames, width: profile.width, height: profile.height))
    }

    /// Refuses a result with another number of frames than was asked for.
    static func check(_ made: MockTool.Progress, frames: Int) throws {
        guard made.frames == frames else {
            throw TaskFailure(
                .temporary, code: "wrong_length", detail: "\(made.frames) frames were made, not \(frames)")
        }
    }

    /// The length in samples of what ffmpeg wrote; refuses another one than was asked for.
    static func samples(_ made: MockTool.Progress, rate: Int, expected: Int? = nil) throws -> Int {
        let samples = (made.microseconds * rate + 500_000) / 1_000_000
        guard samples > 0, expected == nil || samples == expected else {
            throw TaskFailure(
                .temporary, code: "wrong_length", detail: "\(samples) samples were made, not \(expected ?? 1)")
        }
        return samples
    }
}
