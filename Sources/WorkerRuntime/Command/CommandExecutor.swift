import Foundation
package import StudioCore
import Synchronization
import SystemPackage
import ToolProcess

/// Has a program of the operator's make each task, in a process group and a directory of its own.
package struct CommandExecutor: TaskExecutor {
    private let settings: CommandSettings

    package init(_ settings: CommandSettings) {
        self.settings = settings
    }

    package func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile] {
        let directory = assignment.directory
        let input = directory.appending(CommandTask.fileName)
        try await Disk.perform {
            try CommandTask(assignment).encoded().write(to: URL(filePath: input.string))
        }
        let retryAfter = Mutex<Double?>(nil)
        let outcome: ToolOutcome
        do {
            outcome = try await tool(in: directory)(settings.arguments, in: directory, input: input) { line in
                guard let word = CommandWord(line) else { return }
                if let seconds = word.retryAfterSeconds { retryAfter.withLock { $0 = seconds } }
                if let progress = word.progress { report(progress) }
            }
        } catch let failure as ToolFailure {
            throw FailureSymptom(.command, condition: .unreachable, text: "\(failure)")
        }
        guard outcome.isSuccess else {
            throw FailureSymptom(outcome, retryAfterSeconds: retryAfter.withLock { $0 })
        }
        return try await Disk.perform { try CommandManifest.files(in: directory, for: assignment.spec) }
    }

    /// A program may tell how far it is and need not; `COMMAND_LIMIT_SECONDS` is what ends a silent one that hangs.
    package func progress(on spec: TaskSpec) -> ProgressPromise { .onceBegun }

    private func tool(in directory: FilePath) -> ToolProcess {
        let standard = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": directory.string,
            "TMPDIR": directory.string,
        ]
        return ToolProcess(
            settings.executable, environment: standard.merging(settings.environment) { $1 }, limit: settings.limit,
            grace: settings.grace)
    }
}

extension FailureSymptom {
    /// Of what stands on the output beside a log so many bytes count, the last ones: half of the text's end.
    private static let outputBytesMax = textBytesMax / 4

    /// The log, then the output less what it says to the worker.
    private static func said(_ outcome: ToolOutcome) -> String {
        let output = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { CommandWord(String($0)).map { $0.progress == nil && $0.retryAfterSeconds == nil } ?? true }
            .joined(separator: "\n")
        guard !outcome.log.isEmpty, !output.isEmpty else { return outcome.log + output }
        return outcome.log + "\n" + String(decoding: output.utf8.suffix(outputBytesMax), as: UTF8.self)
    }

    fileprivate init(_ outcome: ToolOutcome, retryAfterSeconds: Double?) {
        let text = Self.said(outcome)
        switch outcome.ending {
        case .exited(let status):
            self.init(.command, exitStatus: status, text: text, retryAfterSeconds: retryAfterSeconds)
        case .signaled(let number):
            self.init(.command, signal: number, text: text, retryAfterSeconds: retryAfterSeconds)
        case .timedOut:
            self.init(.command, condition: .hung, text: text, retryAfterSeconds: retryAfterSeconds)
        }
    }
}
