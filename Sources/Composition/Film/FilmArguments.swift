package import StudioCore
package import SystemPackage

/// Arguments for joining, checking and picturing the film; pure.
package struct FilmArguments: Sendable {
    package let profile: DeliveryProfile

    package init(profile: DeliveryProfile) {
        self.profile = profile
    }

    /// A list for ffmpeg's concat demuxer, with lengths in microseconds that never add up to a drift.
    ///
    /// - Parameter pieces: safe relative names and lengths in frames.
    package func list(_ pieces: [(name: String, frames: Int)]) -> String {
        let rate = profile.frameRate
        func microseconds(_ frame: Int) -> Int {
            (frame * rate.denominator * 2_000_000 + rate.numerator) / (2 * rate.numerator)
        }
        var frame = 0
        var lines = ["ffconcat version 1.0"]
        for piece in pieces {
            let length = microseconds(frame + piece.frames) - microseconds(frame)
            lines += ["file \(piece.name)", "duration \(length)us"]
            frame += piece.frames
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Copies the listed pieces and the sound into the film.
    package func join(list: String, sound: String, title: String, to output: String) -> [String] {
        let frame = "(\(profile.frameRate.denominator)/\(profile.frameRate.numerator))"
        // The list counts in microseconds: every time is put back on the grid of frames.
        func onGrid(_ time: String) -> String { "round(round(\(time)*TB/\(frame))*\(frame)/TB)" }
        return [
            "-f", "concat", "-protocol_whitelist", "file,pipe", "-format_whitelist",
            "concat,mov,mp4,m4a,3gp,3g2,mj2", "-i", list, "-f", "mov", "-protocol_whitelist", "file,pipe", "-i", sound,
            "-map", "0:v:0", "-map", "1:a:0", "-c", "copy",
            "-bsf:v", "setts=pts=\(onGrid("PTS")):dts=\(onGrid("DTS"))",
            "-video_track_timescale", "\(profile.videoTimescale)", "-movie_timescale", "\(profile.sampleRate)",
            "-map_metadata", "-1", "-metadata", "title=\(title)", "-flags", "+bitexact", "-fflags", "+bitexact",
            "-movflags", "+faststart", "-f", "mp4", output,
        ]
    }

    /// Decodes everything, strictly, and measures the sound on the way.
    package static func check(_ film: FilePath) -> [String] {
        ["-err_detect", "explode"] + PictureArguments.movie(film) + [
            "-map", "0:v:0", "-map", "0:a:0", "-fps_mode:v", "passthrough",
            "-af",
            "ebur128=peak=true:framelog=verbose,astats=measure_perchannel=none:measure_overall=Number_of_samples",
            "-f", "null", "-",
        ]
    }

    /// Decodes the picture of one file, strictly; ffmpeg fails at the first damage.
    package static func checkPicture(_ path: FilePath) -> [String] {
        ["-xerror", "-err_detect", "explode"] + PictureArguments.movie(path) + [
            "-map", "0:v:0", "-fps_mode:v", "passthrough", "-f", "null", "-",
        ]
    }

    /// A still of the film at `frame`.
    package func poster(_ film: FilePath, frame: Int, to output: String) -> [String] {
        let rate = profile.frameRate
        let seconds = max(0, Double(frame) - 0.5) * Double(rate.denominator) / Double(rate.numerator)
        return ["-ss", seconds.fixed(6)] + PictureArguments.movie(film) + [
            "-map", "0:v:0", "-frames:v", "1", "-q:v", "3", "-threads", "1", "-map_metadata", "-1",
            "-flags", "+bitexact", "-fflags", "+bitexact", "-f", "image2", "-update", "1", output,
        ]
    }
}
