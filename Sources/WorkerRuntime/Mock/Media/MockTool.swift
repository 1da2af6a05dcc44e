import ProgramSettings
import StudioCore
import Synchronization
import SystemPackage
import ToolProcess

/// Runs ffmpeg for the mocks, never longer than its limit.
package struct MockTool: Sendable {
    /// How far ffmpeg came.
    struct Progress: Sendable {
        var frames = 0
        /// Length of what it wrote, in microseconds.
        var microseconds = 0
    }

    private static let limit = Duration.seconds(1_800)
    private static let logBytesMax = 4_096

    private let executable: FilePath

    /// - Throws: `SettingError` when there is no such program.
    package init(_ name: String) throws {
        guard let found = ExecutableSearch.find(name) else {
            throw SettingError("FFMPEG", "there is no program \"\(name)\"")
        }
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
        let common = [
            "-hide_banner", "-nostdin", "-y", "-v", "error", "-nostats", "-progress", "pipe:1", "-stats_period", "0.5",
        ]
        let tool = ToolProcess(
            executable, environment: ["LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"], limit: Self.limit,
            outputBytesMax: Self.logBytesMax)
        let last = Mutex(Progress())
        let ended: ToolOutcome
        do {
            ended = try await tool(common + arguments, in: directory) { line in
                let told = last.withLock { $0.read(line) ? $0 : nil }
                if let told { progress?(told) }
            }
        } catch let failure as ToolFailure {
            throw TaskFailure(.resource, code: "ffmpeg_missing", detail: "\(failure)")
        }
        guard ended.isSuccess else { throw Self.failure(ended) }
        return last.withLock { $0 }
    }

    private static func failure(_ ended: ToolOutcome) -> TaskFailure {
        if ended.ending == .timedOut {
            return TaskFailure(.temporary, code: "ffmpeg_timeout", detail: "ffmpeg took longer than \(limit)")
        }
        let isFull = ended.log.contains("No space left on device")
        return TaskFailure(
            isFull ? .resource : .temporary, code: isFull ? TaskFailure.diskFullCode : "ffmpeg_failed",
            detail: "\(ended.ending): \(ended.log.suffix(1_000))")
    }
}

extension MockTool.Progress {
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
