import StudioCore

/// Arguments for every run of ffmpeg that makes or measures the film's sound; pure.
package enum SoundArguments {
    private static let limiterAttackMilliseconds = 5
    /// True peaks lie between samples: the limiter looks at four times as many.
    private static let oversampling = 4

    private static let bitexact = ["-map_metadata", "-1", "-flags", "+bitexact", "-fflags", "+bitexact"]

    /// Runs `graph`, stored in the file `script`, into a WAV file of 32-bit floats, which no sum of sounds can clip.
    package static func render(_ graph: SoundGraph, script: String, to output: String) -> [String] {
        ["-xerror"] + graph.inputArguments + ["-filter_complex_script", script, "-map", "[out]", "-c:a", "pcm_f32le"]
            + bitexact + ["-rf64", "auto", "-f", "wav", output]
    }

    /// Treats the mix and encodes it, the only time that sound is encoded.
    package static func encode(
        _ mix: String, _ treatment: LoudnessTarget.Treatment, samples: Int, sampleRate: Int, to output: String
    ) -> [String] {
        var filters: [String] = []
        if treatment.gain != 0 { filters.append("volume=\(treatment.gain.fixed(2))dB") }
        if let limit = treatment.limit {
            let rate = sampleRate * oversampling
            // The limiter answers late by its attack: as much is put behind and taken off in front.
            let late = rate * limiterAttackMilliseconds / 1_000
            filters += [
                "aresample=\(rate)", "apad=pad_len=\(late)",
                "alimiter=limit=\(limit.fixed(2))dB:attack=\(limiterAttackMilliseconds):release=50:level=0",
                "atrim=start_sample=\(late)", "asetpts=N/SR/TB", "aresample=\(sampleRate)",
            ]
        }
        filters += ["apad=whole_len=\(samples)", "atrim=end_sample=\(samples)", "aformat=channel_layouts=stereo"]
        return ["-f", "wav", "-protocol_whitelist", "file,pipe", "-i", mix, "-af", filters.joined(separator: ",")]
            + ["-c:a", "aac", "-b:a", "192k", "-ar", "\(sampleRate)", "-ac", "2"] + bitexact
            // Edit lists count in the movie's timescale: only at the sample rate can they be exact.
            + ["-movie_timescale", "\(sampleRate)", "-f", "mp4", output]
    }

    /// Measures the loudness of an MP4 file's sound.
    package static func measure(_ input: String) -> [String] {
        ["-f", "mov", "-protocol_whitelist", "file,pipe", "-i", input, "-map", "0:a:0"]
            + ["-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]
    }
}
