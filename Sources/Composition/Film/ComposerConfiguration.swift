import StudioCore
package import SystemPackage
import ToolProcess

/// What the composer needs to know besides the film.
package struct ComposerConfiguration: Sendable {
    /// Absolute path of ffmpeg.
    package var ffmpeg: FilePath
    package var recipe = EncoderRecipe.standard
    package var loudness = LoudnessTarget.web
    package var ducking = Ducking.standard
    /// Runs of ffmpeg at the same time.
    package var parallelRuns = 2
    /// Inputs that one run of ffmpeg opens at most.
    package var inputsMax = 48
    /// A single run of ffmpeg that takes longer than this is killed.
    package var runLimit = Duration.seconds(3_600)

    /// - Parameter ffmpeg: a path, or a name that is looked for in the environment's search path.
    /// - Throws: `TaskFailure` `ffmpeg_missing`.
    package init(ffmpeg: String = "ffmpeg") throws {
        guard let found = ExecutableSearch.find(ffmpeg) else {
            throw TaskFailure(
                .resource, code: FilmComposer.missingToolCode, detail: "no program \(ffmpeg) on this machine")
        }
        self.ffmpeg = found
    }

    var run: FFmpegRun { FFmpegRun(executable: ffmpeg, limit: runLimit) }
}

/// Called with a phase, what is done, of how much, and in which unit.
package typealias CompositionProgress = @Sendable (_ phase: String, _ done: Int, _ total: Int, _ unit: String) -> Void
