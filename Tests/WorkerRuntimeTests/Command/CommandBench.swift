import Foundation
import ProgramSettings
import StudioCore
import SystemPackage
import Testing

@testable import WorkerRuntime

/// A script, a directory, and an executor that runs the one in the other.
final class CommandBench: Sendable {
    let directory: FilePath
    private let settings: CommandSettings

    init(_ script: String, _ variables: [String: String] = [:]) throws {
        directory = FilePath(FileManager.default.temporaryDirectory.path).appending("command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            atPath: directory.appending("attempt").string, withIntermediateDirectories: true)
        let file = directory.appending("script").string
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        let values = ["COMMAND": "\(file) one  two", "COMMAND_GRACE_SECONDS": "1"].merging(variables) { $1 }
        settings = try CommandSettings(Settings { variable, _ in values[variable] })
    }

    deinit { try? FileManager.default.removeItem(atPath: directory.string) }

    /// The directory of the attempt.
    var attempt: FilePath { directory.appending("attempt") }

    func run(
        _ spec: TaskSpec = .noise, inputs: [String: FilePath] = [:],
        report: @escaping @Sendable (WorkerRuntime.Progress) -> Void = { _ in }
    ) async throws -> [ProducedFile] {
        let assignment = Assignment(task: TaskID(), attempt: 3, spec: spec, inputs: inputs, directory: attempt)
        return try await CommandExecutor(settings).execute(assignment, report: ProgressReporter(report))
    }

    func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: attempt.appending(name).string).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The processes whose numbers the script has written to `pids`.
    var processes: [Int] { (text("pids") ?? "").split(separator: "\n").compactMap { Int($0) } }
}
