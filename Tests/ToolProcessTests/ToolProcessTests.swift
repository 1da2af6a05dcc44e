import Foundation
import SystemPackage
import Testing

@testable import ToolProcess

@Suite(.timeLimit(.minutes(2))) struct ToolProcessTests {
    private static let shell = FilePath("/bin/sh")

    private func tool(limit: Duration = .seconds(60), outputBytesMax: Int = 32 * 1_024) -> ToolProcess {
        ToolProcess(
            Self.shell, environment: ["PATH": "/usr/bin:/bin"], limit: limit, grace: .milliseconds(300),
            outputBytesMax: outputBytesMax)
    }

    @Test(arguments: [0, 3])
    func `an exit status is told, with what was said on either output`(status: Int) async throws {
        let ended = try await tool()(["-c", "echo out; echo err >&2; exit \(status)"])
        #expect(ended == ToolOutcome(ending: .exited(status), output: "out\n", log: "err\n"))
        #expect(ended.isSuccess == (status == 0))
    }

    @Test func `a signal is told`() async throws {
        let ended = try await tool()(["-c", "kill -KILL $$"])
        #expect(ended.ending == .signaled(9))
        #expect(!ended.isSuccess)
    }

    @Test func `the program has the environment and the directory it is given, and no input`() async throws {
        let folder = try Folder()
        var tool = tool()
        tool.environment["GREETING"] = "hello"
        let ended = try await tool(["-c", "env | sort | grep -v ^_ ; pwd -P; cat"], in: folder.path)
        #expect(ended.output.contains("GREETING=hello\n"))
        #expect(!ended.output.contains("HOME="))
        #expect(ended.output.hasSuffix("\(folder.path.lastComponent?.string ?? "?")\n"))
    }

    @Test func `a file is the program's input where one is given`() async throws {
        let folder = try Folder()
        let file = folder.path.appending("input")
        try Data("given\n".utf8).write(to: URL(filePath: file.string))
        let ended = try await tool()(["-c", "cat; cat >&2"], in: folder.path, input: file)
        #expect(ended == ToolOutcome(ending: .exited(0), output: "given\n", log: ""))
        let missing = folder.path.appending("missing")
        await #expect(throws: ToolFailure.self) { try await tool()(["-c", "true"], input: missing) }
    }

    @Test func `of a long output the end is kept`() async throws {
        let script = "head -c 3000000 /dev/zero | tr '\\0' x; echo end; head -c 3000000 /dev/zero >&2; echo last >&2"
        let ended = try await tool(outputBytesMax: 1_000)(["-c", script])
        #expect(ended.output.utf8.count == 1_000)
        #expect(ended.output.hasSuffix("xxxend\n"))
        #expect(ended.log.utf8.count == 1_000)
        #expect(ended.log.hasSuffix("last\n"))
    }

    @Test func `lines are told as they come, a very long one in pieces`() async throws {
        let lines = Lines()
        let bytes = OutputTail.lineBytesMax + 1
        let script = "echo one; echo; printf two; echo; head -c \(bytes) /dev/zero | tr '\\0' x; printf '\\nunfinished'"
        _ = try await tool()(["-c", script]) { lines.add($0) }
        let all = await lines.all
        #expect(all.prefix(3) == ["one", "", "two"])
        #expect(all.dropFirst(3).map(\.utf8.count) == [OutputTail.lineBytesMax, 1, "unfinished".utf8.count])
    }

    /// The script writes the number of every process it starts, itself included, to `pids`.
    @Test(arguments: [
        // All of them go at the first word.
        "sh -c 'sleep 600 & echo $! >> pids; wait' & echo $! >> pids; echo $$ >> pids; wait",
        // None of them does: ignored signals are inherited.
        "trap '' TERM; sh -c 'sleep 600 & echo $! >> pids; wait' & echo $! >> pids; echo $$ >> pids; wait",
        // Only the leader does.
        "sh -c 'trap \"\" TERM; sleep 600 & echo $! >> pids; echo $$ >> pids; wait' & echo $$ >> pids; wait",
        // Only the leader does, and what stays never stops writing.
        "sh -c 'trap \"\" TERM; yes & echo $! >> pids; echo $$ >> pids; wait' & echo $$ >> pids; wait",
    ])
    func `cancelling ends the program, its children and their children`(script: String) async throws {
        let folder = try Folder()
        let tool = tool()
        let task = Task { try await tool(["-c", script], in: folder.path) { _ in } }
        try await eventually("three processes run") { try folder.processes().count == 3 }
        let processes = try folder.processes()
        #expect(processes.allSatisfy(isRunning))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await eventually("none is left") { !processes.contains(where: isRunning) }
    }

    @Test func `what a program leaves running is ended with it, and does not hold its end up`() async throws {
        let folder = try Folder()
        let ended = try await tool()(["-c", "sleep 600 & echo $! > pids; echo done"], in: folder.path)
        #expect(ended.ending == .exited(0))
        #expect(ended.output == "done\n")
        let processes = try folder.processes()
        #expect(processes.count == 1)
        try await eventually("it is gone") { !processes.contains(where: isRunning) }
    }

    /// The limit of time is far longer than the test's, and short lines take longer to read than to write: the pipe is
    /// never found empty.
    @Test(arguments: [
        "yes & echo $! > pids", "trap '' TERM; yes & echo $! > pids",
        // These have left the group; who writes ends when nobody reads it any more.
        escapee("yes"), escapee("sleep 600"),
    ])
    func `a program ends with its leader, however much its children go on writing`(script: String) async throws {
        let folder = try Folder()
        let ended = try await tool(limit: .seconds(3_600))(["-c", script], in: folder.path) { _ in }
        #expect(ended.ending == .exited(0))
        let processes = try folder.processes()
        #expect(processes.count == 1)
        if script == Self.escapee("sleep 600") { for process in processes { kill(pid_t(process), SIGKILL) } }
        try await eventually("it is gone") { !processes.contains(where: isRunning) }
    }

    /// A script that ends when a child of its own has a session of its own, and both outputs.
    private static func escapee(_ command: String) -> String {
        "setsid sh -c 'echo $$ > pids; exec \(command)' & until [ -s pids ]; do sleep 0.01; done"
    }

    @Test func `what a program wrote last is read whole, though its children hold the pipe`() async throws {
        let folder = try Folder()
        let script = Self.escapee("sleep 600") + "; head -c 60000 /dev/zero | tr '\\0' x; exit 3"
        let ended = try await tool(outputBytesMax: 100_000)(["-c", script], in: folder.path)
        for process in try folder.processes() { kill(pid_t(process), SIGKILL) }
        #expect(ended.ending == .exited(3))
        #expect(ended.output == String(repeating: "x", count: 60_000))
    }

    @Test func `a program that takes longer than its limit is ended, and what it said is known`() async throws {
        let folder = try Folder()
        let script = "trap '' TERM; echo $$ > pids; echo begun; echo busy >&2; sleep 600"
        let ended = try await tool(limit: .milliseconds(500))(["-c", script], in: folder.path)
        #expect(ended == ToolOutcome(ending: .timedOut, output: "begun\n", log: "busy\n"))
        #expect(try folder.processes().allSatisfy { !isRunning($0) })
    }

    @Test func `a program that is not there, or not in that directory, is a failure that names it`() async throws {
        let missing = ToolProcess("/nowhere/tool", limit: .seconds(10))
        let failure = await #expect(throws: ToolFailure.self) { try await missing([]) }
        #expect(failure?.description.contains("/nowhere/tool") == true)
        await #expect(throws: ToolFailure.self) { try await tool()(["-c", "true"], in: "/nowhere/at/all") }
    }

    @Test func `programs are found like a shell finds them`() {
        #expect(ExecutableSearch.find("sh")?.lastComponent == "sh")
        #expect(ExecutableSearch.find("/bin/sh") == "/bin/sh")
        #expect(ExecutableSearch.find("bin/sh") == nil)
        #expect(ExecutableSearch.find("no-such-program-anywhere") == nil)
    }
}

/// The lines that a program wrote.
private final class Lines: Sendable {
    private let (stream, continuation) = AsyncStream.makeStream(of: String.self)

    func add(_ line: String) { continuation.yield(line) }

    /// Once no more come.
    var all: [String] {
        get async {
            continuation.finish()
            return await stream.reduce(into: []) { $0.append($1) }
        }
    }
}

/// A directory that goes with the test.
private final class Folder: Sendable {
    let path: FilePath

    init() throws {
        path = FilePath(FileManager.default.temporaryDirectory.path).appending("tool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    /// Those that the program under test has written down.
    func processes() throws -> [Int] {
        let file = path.appending("pids").string
        guard let bytes = FileManager.default.contents(atPath: file) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { Int($0) }
    }
}

/// Whether a process runs; one that has ended and waits to be reaped does not.
private func isRunning(_ process: Int) -> Bool {
    guard kill(pid_t(process), 0) == 0 else { return false }
    guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return false }
    return String(decoding: bytes, as: UTF8.self).split(separator: ") ").last?.hasPrefix("Z") != true
}

private func eventually(
    _ what: Comment, at location: SourceLocation = #_sourceLocation, _ condition: () throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while try !condition() {
        try #require(ContinuousClock.now < deadline, what, sourceLocation: location)
        try await Task.sleep(for: .milliseconds(10))
    }
}
