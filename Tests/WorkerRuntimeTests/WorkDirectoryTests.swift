import Foundation
import Logging
import ProgramSettings
import StudioCore
import SystemPackage
import Testing

@testable import WorkerRuntime

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite(.timeLimit(.minutes(2))) struct WorkDirectoryTests {
    private let bench = WorkDirectoryBench()

    @Test func `a directory that cannot be written is refused by name`() throws {
        let path = FilePath("/proc/ainern2d")
        let error = #expect(throws: SettingError.self) { try WorkDirectory(root: path, logger: bench.logger) }
        #expect(error?.variable == "WORKER_DIRECTORY")
        #expect(error?.description.contains("/proc/ainern2d") == true)
    }

    @Test func `a directory has one worker at a time, and loses a dead one's attempts`() throws {
        let leftover = try bench.attempt("task_old-1")
        try Data("x".utf8).write(to: URL(filePath: leftover + "/input"))
        let first = try bench.open()
        #expect(!FileManager.default.fileExists(atPath: leftover))
        let error = #expect(throws: SettingError.self) { try bench.open() }
        #expect(error?.problem.contains("in use") == true)
        withExtendedLifetime(first) {}
    }

    /// Root may remove them as they are.
    @Test func `directories that forbid it are removed, of a dead attempt and of one that ends`() async throws {
        func fill(_ directory: String) throws {
            let inner = directory + "/cache/module/inner"
            try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
            try Data("x".utf8).write(to: URL(filePath: inner + "/file"))
            try FileManager.default.createSymbolicLink(atPath: inner + "/link", withDestinationPath: directory)
            for (path, mode) in [(inner, 0), (directory + "/cache/module", 0o555), (directory + "/cache", 0o555)] {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            }
        }
        let leftover = try bench.attempt("task_old-1")
        try fill(leftover)
        let work = try bench.open()
        #expect(!FileManager.default.fileExists(atPath: leftover))
        let name = AttemptName(task: TaskID(), attempt: 1)
        let path = try await work.make(name)
        try fill(path.string)
        try await work.remove(name)
        #expect(!FileManager.default.fileExists(atPath: path.string))
    }

    #if os(Linux)
        @Test(arguments: [
            "sleep 600 & echo $! >> $0; (cd / && exec sleep 600) & echo $! >> $0; wait",
            "trap '' TERM; i=0; while true; do : > file$i; i=$((i+1)); done",
        ])
        func `a dead worker's programs end with their groups when the next one starts`(script: String) async throws {
            let leftover = try bench.attempt("task_old-1")
            try bench.startOrphan(script, in: leftover)
            let count = script.hasPrefix("sleep") ? 3 : 1
            try await eventually("they run") { bench.orphans.count == count }
            let orphans = bench.orphans
            #expect(orphans.allSatisfy(WorkDirectoryBench.isRunning))
            let work = try bench.open()
            try await eventually("none is left") { !orphans.contains(where: WorkDirectoryBench.isRunning) }
            #expect(!FileManager.default.fileExists(atPath: leftover))
            withExtendedLifetime(work) {}
        }

        @Test func `a program that outlives its attempt and writes on does not keep its directory`() async throws {
            let work = try bench.open()
            let name = AttemptName(task: TaskID(), attempt: 1)
            let path = try await work.make(name)
            try bench.startOrphan("i=0; while true; do : > file$i; i=$((i+1)); done", in: path.string)
            try await eventually("it writes") {
                FileManager.default.fileExists(atPath: path.appending("file100").string)
            }
            try await work.remove(name)
            #expect(!FileManager.default.fileExists(atPath: path.string))
            let orphans = bench.orphans
            #expect(orphans.count == 1)
            try await eventually("it is gone") { !orphans.contains(where: WorkDirectoryBench.isRunning) }
        }

        @Test func `who works beside the attempts, or in this session, is left alone`() async throws {
            let leftover = try bench.attempt("task_old-1")
            try bench.startOrphan("exec sleep 600", in: bench.root.string)
            let neighbour = Process()
            neighbour.executableURL = URL(filePath: "/bin/sleep")
            neighbour.arguments = ["600"]
            neighbour.currentDirectoryURL = URL(filePath: leftover)
            try neighbour.run()
            try await eventually("the other runs") { bench.orphans.count == 1 }
            let all = bench.orphans + [Int(neighbour.processIdentifier)]
            defer { for process in all { kill(pid_t(process), SIGKILL) } }
            let work = try bench.open()
            #expect(all.allSatisfy(WorkDirectoryBench.isRunning))
            withExtendedLifetime(work) {}
        }
    #endif
}

/// A work directory that goes with the test.
private final class WorkDirectoryBench: Sendable {
    let root = FilePath(FileManager.default.temporaryDirectory.path).appending("work-\(UUID().uuidString)")
    let logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    deinit { try? FileManager.default.removeItem(atPath: root.string) }

    func open() throws -> WorkDirectory { try WorkDirectory(root: root, logger: logger) }

    /// Makes what a worker leaves behind that was killed.
    func attempt(_ name: String) throws -> String {
        let path = root.appending("attempts").appending(name).string
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// Has a script run in a session of its own while its parent is gone; `$0` is the file to write numbers to.
    func startOrphan(_ script: String, in directory: String) throws {
        let parent = Process()
        parent.executableURL = URL(filePath: "/bin/sh")
        parent.arguments = [
            "-c", "cd \"$2\" && setsid sh -c 'echo $$ >> $0; '\"$1\" \"$0\" > /dev/null 2>&1 &",
            root.appending("orphans").string, script, directory,
        ]
        try parent.run()
        parent.waitUntilExit()
        try #require(parent.terminationStatus == 0)
    }

    /// Those that have said so.
    var orphans: [Int] {
        let bytes = FileManager.default.contents(atPath: root.appending("orphans").string) ?? Data()
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { Int($0) }
    }

    /// One that has ended and waits to be reaped does not run.
    static func isRunning(_ process: Int) -> Bool {
        guard kill(pid_t(process), 0) == 0 else { return false }
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return false }
        return String(decoding: bytes, as: UTF8.self).split(separator: ") ").last?.hasPrefix("Z") != true
    }
}
