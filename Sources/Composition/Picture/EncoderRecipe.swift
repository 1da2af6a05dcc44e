package import StudioCore

/// The one way in which the composer encodes pictures.
///
/// Settings that stand in the decoder configuration (profile, references, entropy coder, prediction weights) are those
/// of the recipe that workers use, so that what is encoded here can be joined with their files by copying.
package struct EncoderRecipe: Sendable, Hashable {
    package let preset: String
    /// Constant rate factor: lower is better and larger.
    package let quality: Int
    /// The bytes that x264 makes depend on it, so it is never left to the machine.
    package let threads: Int

    package static let standard = EncoderRecipe(preset: "veryfast", quality: 20, threads: 2)

    package init(preset: String, quality: Int, threads: Int) {
        self.preset = preset
        self.quality = quality
        self.threads = threads
    }

    /// Options for an output file in the delivery profile, without sound.
    package func arguments(for profile: DeliveryProfile) -> [String] {
        [
            "-c:v", "libx264", "-preset", preset, "-crf", "\(quality)", "-threads", "\(threads)",
            "-g", "48", "-keyint_min", "48", "-sc_threshold", "0", "-bf", "2", "-pix_fmt", "yuv420p",
            "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
            "-flags", "+cgop+bitexact", "-an",
        ] + Self.container(for: profile)
    }

    /// Options for an MP4 file that joins cleanly: its timescale, and nothing in it that differs between runs.
    static func container(for profile: DeliveryProfile) -> [String] {
        [
            "-video_track_timescale", "\(profile.videoTimescale)", "-map_metadata", "-1", "-fflags", "+bitexact",
            "-movflags", "+faststart", "-f", "mp4",
        ]
    }
}
