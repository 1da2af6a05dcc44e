import FoundationEssentials
import ProgramSettings
import StudioCore
import Subprocess
import SystemPackage

/// Runs ffmpeg for the mocks: in its own session, without a shell or input, and never longer than its limit.
package struct MockTool: Sendable {
    /// How far ffmpeg came.
    struct Progress: Sendable {
        var frames = 0
        /// Length of what it wrote, in microseconds.
        var microseconds = 0
    }

    private static let limit = Duration.seconds(1_800)
    private static let terminationGrace = Duration.seconds(1)
    private static let logBytesMax = 4_096

    private let executable: FilePath

    /// - Throws: `SettingError` when there is no such program.
    package init(_ name: String) throws {
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let candidates =
            name.contains("/")
            ? [FilePath(name)] : search.split(separator: ":").map { FilePath(String($0)).appending(name) }
        let found = candidates.first { $0.isAbsolute && FileManager.default.isExecutableFile(atPath: $0.string) }
        guard let found else { throw SettingError("FFMPEG", "there is no program \"\(name)\"") }
        executable = found
    }

    static func wrongKind(_ spec: TaskSpec) -> TaskFailure {
        TaskFailure(
            .userError, code: "wrong_kind", detail: "this executor cannot do tasks of kind \(spec.kind.rawValue)")
    }

    /// Runs ffmpeg with `arguments` in `directory`.
    ///
    /// - Throws: `TaskFailure` when it fails or takes too long; `CancellationError` after its end when cancelled.
    @discardableResult
    func callAsFunction(
        _ arguments: [String], in directory: FilePath, progress: (@Sendable (Progress) -> Void)? = nil
    ) async throws -> Progress {
        try Task.checkCancellation()
        let ended = try await withThrowingTaskGroup(
            of: (status: TerminationStatus, log: String, progress: Progress)?.self
        ) { group in
            group.addTask { try await run(arguments, directory, progress) }
            group.addTask {
                try await Task.sleep(for: Self.limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next().flatMap { $0 }
        }
        try Task.checkCancellation()
        guard let ended else {
            throw TaskFailure(.temporary, code: "ffmpeg_timeout", detail: "ffmpeg took longer than \(Self.limit)")
        }
        guard ended.status.isSuccess else {
            let isFull = ended.log.contains("No space left on device")
            throw TaskFailure(
                isFull ? .resource : .temporary, code: isFull ? "disk_full" : "ffmpeg_failed",
                detail: "\(ended.status): \(ended.log.suffix(1_000))")
        }
        return ended.progress
    }

    @concurrent
    private func run(
        _ arguments: [String], _ directory: FilePath, _ report: (@Sendable (Progress) -> Void)?
    ) async throws -> (status: TerminationStatus, log: String, progress: Progress)? {
        let common = [
            "-hide_banner", "-nostdin", "-y", "-v", "error", "-nostats", "-progress", "pipe:1", "-stats_period", "0.5",
        ]
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: Self.terminationGrace)
        ]
        do {
            let result = try await Subprocess.run(
                .path(executable), arguments: Arguments(common + arguments),
                environment: .custom(["LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"]), workingDirectory: directory,
                platformOptions: options, input: .none, output: .sequence, error: .sequence
            ) { execution in
                async let log = Self.tail(of: execution.standardError)
                let progress = try await Self.follow(execution.standardOutput, report)
                return (log: try await log, progress: progress)
            }
            return (result.terminationStatus, result.closureResult.log, result.closureResult.progress)
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
