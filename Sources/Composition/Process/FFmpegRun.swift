import StudioCore
import Synchronization
package import SystemPackage
import ToolProcess

/// Runs ffmpeg, and says what sort of failure its failure is.
package struct FFmpegRun: Sendable {
    /// What ffmpeg tells about itself while it works.
    package struct Progress: Sendable, Hashable {
        /// Frames written so far.
        package var frames = 0
        /// Length written so far, in microseconds.
        package var microseconds = 0
    }

    /// A run that succeeded.
    package struct Outcome: Sendable {
        /// The end of what ffmpeg logged, each line with its level.
        package let log: String
        package let progress: Progress
        package let wall: Duration
    }

    /// Nothing a film needs logs more than this that is worth reading, in bytes.
    private static let logBytesMax = 32 * 1_024

    package let executable: FilePath
    /// A run that takes longer than this is killed.
    package let limit: Duration

    package init(executable: FilePath, limit: Duration) {
        self.executable = executable
        self.limit = limit
    }

    /// Runs ffmpeg with `arguments` in `directory` and waits for its end.
    ///
    /// - Parameters:
    ///   - step: what the run is for, in a few words; stands in the error.
    ///   - verbose: log summaries, which filters like ebur128 print at the level `info`.
    /// - Throws: `TaskFailure` when ffmpeg fails or takes too long; `CancellationError` when the task is cancelled,
    ///   once ffmpeg and its children are gone.
    @discardableResult
    package func callAsFunction(
        _ arguments: [String], in directory: FilePath, step: String, verbose: Bool = false,
        progress: (@Sendable (Progress) -> Void)? = nil
    ) async throws -> Outcome {
        let common = [
            "-hide_banner", "-nostdin", "-y", "-loglevel", verbose ? "level+info" : "level+warning", "-nostats",
            "-progress", "pipe:1", "-stats_period", "0.5",
        ]
        let clock = ContinuousClock()
        let start = clock.now
        let last = Mutex(Progress())
        let ended = try await run(common + arguments, in: directory) { line in
            let told = last.withLock { $0.read(line) ? $0 : nil }
            if let told { progress?(told) }
        }
        switch ended.ending {
        case .timedOut:
            throw TaskFailure(.temporary, code: "ffmpeg_timeout", detail: "\(step): ffmpeg took longer than \(limit)")
        case .exited(0):
            return Outcome(log: ended.log, progress: last.withLock { $0 }, wall: clock.now - start)
        case .exited, .signaled:
            throw FFmpegFailure.classify(log: ended.log, ending: ended.ending, step: step)
        }
    }

    /// The version that ffmpeg says it has: `5.1.9-0+deb12u1`.
    package func version() async throws -> String {
        let words = try await run(["-version"]).output.split(separator: " ", maxSplits: 3)
        return words.count > 2 ? String(words[2]) : "unknown"
    }

    private func run(
        _ arguments: [String], in directory: FilePath? = nil, onLine: (@Sendable (String) -> Void)? = nil
    ) async throws -> ToolOutcome {
        let tool = ToolProcess(
            executable, environment: ["LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"], limit: limit,
            outputBytesMax: Self.logBytesMax)
        do {
            return try await tool(arguments, in: directory, onLine: onLine)
        } catch let failure as ToolFailure {
            throw TaskFailure(.resource, code: FilmComposer.missingToolCode, detail: "\(failure)")
        }
    }
}

extension FFmpegRun.Progress {
    /// Takes in one line of `-progress`; returns whether it was the last of a report.
    fileprivate mutating func read(_ line: String) -> Bool {
        guard let equals = line.firstIndex(of: "=") else { return false }
        let value = line[line.index(after: equals)...]
        switch line[..<equals] {
        case "frame": frames = Int(value) ?? frames
        case "out_time_us": microseconds = Int(value) ?? microseconds
        case "progress": return true
        default: break
        }
        return false
    }
}
