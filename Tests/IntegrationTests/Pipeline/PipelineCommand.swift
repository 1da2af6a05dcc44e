import Foundation
import StudioCore
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A script that makes the tasks of a worker, in a directory that goes with it.
final class PipelineCommand: Sendable {
    /// Goes on until it is ended, with a child that ignores SIGTERM; writes its processes' numbers beside itself, in a
    /// file named like the attempt.
    static let stubborn = """
        /bin/sh -c 'trap "" TERM; while true; do sleep 1; done' &
        echo "$$ $!" > numbers
        mv numbers "$(dirname "$0")/$(basename "$PWD")"
        wait
        """

    private let directory: FilePath

    init(_ script: String) throws {
        directory = FilePath(FileManager.default.temporaryDirectory.path).appending("program-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        let path = try write("program", "#!/bin/sh\n\(script)\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory.string) }

    /// Writes a file beside the script; answers its path.
    func write(_ name: String, _ text: String) throws -> String {
        let path = directory.appending(name).string
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// What a worker must be told to run it; `changes` go over that.
    func environment(_ changes: [String: String] = [:]) -> [String: String] {
        ["EXECUTOR": "command", "COMMAND": directory.appending("program").string].merging(changes) { $1 }
    }

    /// The processes of a task's first attempt, the leader of their group first; none before they run.
    func processes(of task: TaskID) -> [Int32] {
        let file = directory.appending("\(task)-1").string
        guard let bytes = FileManager.default.contents(atPath: file) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
    }

    /// Whether a process runs; one that has ended and waits to be reaped does not.
    static func isRunning(_ process: Int32) -> Bool {
        guard kill(process, 0) == 0 else { return false }
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return false }
        return String(decoding: bytes, as: UTF8.self).split(separator: ") ").last?.hasPrefix("Z") != true
    }

    /// Whether any process of the group that this one leads is left.
    static func isGroupRunning(_ leader: Int32) -> Bool { kill(-leader, 0) == 0 }
}
