import StudioCore
import Subprocess
package import SystemPackage

/// Runs ffmpeg as a child in its own session: no shell, no input, a limit on the wall clock, nothing left behind.
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
    private static let terminationGrace = Duration.seconds(2)

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
        try Task.checkCancellation()
        let common = [
            "-hide_banner", "-nostdin", "-y", "-loglevel", verbose ? "level+info" : "level+warning", "-nostats",
            "-progress", "pipe:1", "-stats_period", "0.5",
        ]
        let clock = ContinuousClock()
        let start = clock.now
        let ended = try await withThrowingTaskGroup(of: Ended?.self) { group in
            group.addTask { try await run(common + arguments, in: directory, progress: progress) }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next().flatMap { $0 }
        }
        try Task.checkCancellation()
        guard let ended else {
            throw TaskFailure(.temporary, code: "ffmpeg_timeout", detail: "\(step): ffmpeg took longer than \(limit)")
        }
        guard ended.isSuccess else {
            throw FFmpegFailure.classify(log: ended.log, status: ended.status, step: step)
        }
        return Outcome(log: ended.log, progress: ended.progress, wall: clock.now - start)
    }

    /// The version that ffmpeg says it has: `5.1.9-0+deb12u1`.
    package func version() async throws -> String {
        do {
            let result = try await Subprocess.run(
                .path(executable), arguments: ["-version"], output: .string(limit: Self.logBytesMax), error: .discarded)
            let words = result.standardOutput.split(separator: " ", maxSplits: 3)
            return words.count > 2 ? String(words[2]) : "unknown"
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw TaskFailure(.resource, code: "ffmpeg_missing", detail: "ffmpeg cannot be run: \(error)")
        }
    }

    private struct Ended: Sendable {
        let isSuccess: Bool
        let status: String
        let log: String
        let progress: Progress
    }

    @concurrent
    private func run(
        _ arguments: [String], in directory: FilePath, progress: (@Sendable (Progress) -> Void)?
    ) async throws -> Ended {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: Self.terminationGrace)
        ]
        do {
            let result = try await Subprocess.run(
                .path(executable), arguments: Arguments(arguments),
                environment: .custom(["LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"]), workingDirectory: directory,
                platformOptions: options, input: .none, output: .sequence, error: .sequence
            ) { execution in
                async let log = Self.tail(of: execution.standardError)
                let last = try await Self.follow(execution.standardOutput, progress)
                return (log: try await log, progress: last)
            }
            let (log, last) = result.closureResult
            return Ended(
                isSuccess: result.terminationStatus.isSuccess, status: "\(result.terminationStatus)", log: log,
                progress: last)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw TaskFailure(.resource, code: "ffmpeg_missing", detail: "ffmpeg cannot be run: \(error)")
        }
    }

    private static func tail(of output: SubprocessOutputSequence) async throws -> String {
        var bytes: [UInt8] = []
        for try await buffer in output {
            buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
            if bytes.count > 2 * logBytesMax { bytes.removeFirst(bytes.count - logBytesMax) }
        }
        return String(decoding: bytes.suffix(logBytesMax), as: UTF8.self)
    }

    private static func follow(
        _ output: SubprocessOutputSequence, _ report: (@Sendable (Progress) -> Void)?
    ) async throws -> Progress {
        var progress = Progress()
        for try await line in output.strings() {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = line[line.index(after: equals)...]
            switch line[..<equals] {
            case "frame": progress.frames = Int(value) ?? progress.frames
            case "out_time_us": progress.microseconds = Int(value) ?? progress.microseconds
            case "progress": report?(progress)
            default: break
            }
        }
        return progress
    }
}
