import Foundation
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

@Suite(.timeLimit(.minutes(2))) struct CommandExecutorTests {
    private static let manifest = #"{"outputs": [{"name": "music.flac", "path": "out/a.flac", "samples": 48000}]}"#
    private static let music = "mkdir out; printf sound > out/a.flac; echo '\(manifest)' > outputs.json"

    @Test func `a program reads its task twice, makes its outputs and says how far it is`() async throws {
        let bench = try CommandBench(
            """
            cat > stdin; echo "$1,$2" > arguments; pwd -P > pwd; env | sort > env
            echo '{"phase": "sampling", "done": 3, "total": 20, "unit": "steps"}'; echo hello
            \(Self.music)
            """)
        let progress = Box<[WorkerRuntime.Progress]>([])
        let files = try await bench.run(inputs: ["voice": "/somewhere/voice.wav"]) { word in
            progress.change { $0.append(word) }
        }
        #expect(files.map(\.name) == ["music.flac"])
        #expect(files.first?.contentType == "audio/flac")
        #expect(files.first?.media == MediaFacts(samples: 48_000))
        #expect(files.first.flatMap { FileManager.default.contents(atPath: $0.path.string) } == Data("sound".utf8))
        #expect(progress.value == [WorkerRuntime.Progress(phase: "sampling", done: 3, total: 20, unit: "steps")])
        #expect(bench.text("arguments") == "one,two\n")
        #expect(bench.text("pwd")?.hasSuffix("/attempt\n") == true)
        #expect(bench.text("stdin") == bench.text("task.json"))
        let task = try JSONValue(parsing: bench.text("task.json") ?? "")
        #expect(task["attempt"] == .int(3))
        #expect(task["kind"] == .string("audio"))
        #expect(task["spec"]?["form"] == .string("music"))
        #expect(task["inputs"]?["voice"] == .string("/somewhere/voice.wav"))
        #expect(task["outputs"]?[0]?["content_type"] == .string("audio/flac"))
        let names = (bench.text("env") ?? "").split(separator: "\n").compactMap { $0.split(separator: "=").first }
        #expect(Set(names).subtracting(["PATH", "LC_ALL", "HOME", "TMPDIR", "PWD", "OLDPWD", "SHLVL", "_"]).isEmpty)
    }

    @Test func `a variable that the operator names is passed on`() async throws {
        let bench = try CommandBench(
            "echo $CUDA_VISIBLE_DEVICES > seen; \(Self.music)",
            ["COMMAND_ENVIRONMENT": "CUDA_VISIBLE_DEVICES, HF_HOME", "CUDA_VISIBLE_DEVICES": "1"])
        _ = try await bench.run()
        #expect(bench.text("seen") == "1\n")
    }

    @Test func `a task without outputs needs no manifest`() async throws {
        let bench = try CommandBench("exit 0")
        #expect(try await bench.run(.noop(NoopSpec(sleepMilliseconds: 0))).isEmpty)
    }

    @Test func `a failure is told as exit status and log, with the delay it asks for`() async throws {
        let bench = try CommandBench("echo '{\"retry_after_s\": 20}'; echo slow down >&2; exit 7")
        let symptom = await #expect(throws: FailureSymptom.self) { try await bench.run() }
        #expect(
            symptom == FailureSymptom(.command, exitStatus: 7, text: "slow down\n", retryAfterSeconds: 20))
    }

    @Test func `a failure is told from both outputs, without the words to the worker, the log in full`() async throws {
        let bench = try CommandBench(
            """
            echo '{"phase": "out of memory", "done": 1}'; echo '{"error": "CUDA out of memory"}'
            echo a warning >&2; exit 1
            """)
        let symptom = await #expect(throws: FailureSymptom.self) { try await bench.run() }
        #expect(symptom?.text == "a warning\n\n{\"error\": \"CUDA out of memory\"}\n")
        let long = try CommandBench(
            """
            echo begun >&2; head -c 20000 /dev/zero | tr '\\0' x >&2; echo the cause >&2
            head -c 20000 /dev/zero | tr '\\0' y; echo the end; exit 1
            """)
        let text = try #require(await #expect(throws: FailureSymptom.self) { try await long.run() }).text
        #expect(text.utf8.count <= FailureSymptom.textBytesMax)
        #expect(text.hasPrefix("begun\nxxx") && text.contains("xxxthe cause\n\nyyy") && text.hasSuffix("the end\n"))
    }

    @Test func `a signal, a silent failure and a program that takes too long are told`() async throws {
        let killed = try CommandBench("kill -KILL $$")
        #expect(await #expect(throws: FailureSymptom.self) { try await killed.run() }?.signal == 9)
        let silent = try CommandBench("echo only here; exit 1")
        #expect(await #expect(throws: FailureSymptom.self) { try await silent.run() }?.text == "only here\n")
        let slow = try CommandBench("exec sleep 600", ["COMMAND_LIMIT_SECONDS": "1"])
        #expect(await #expect(throws: FailureSymptom.self) { try await slow.run() }?.condition == .hung)
    }

    @Test func `a program that cannot be started is unreachable`() async throws {
        let bench = try CommandBench("exit 0")
        try Data("no program".utf8).write(to: URL(filePath: bench.directory.appending("script").string))
        #expect(await #expect(throws: FailureSymptom.self) { try await bench.run() }?.condition == .unreachable)
    }

    @Test(arguments: [
        ("exit 0", "manifest_missing", "wrote no outputs.json"),
        ("echo '[' > outputs.json", "manifest_invalid", "is not"),
        ("head -c 70000 /dev/zero > outputs.json", "manifest_invalid", "has more than 65536 bytes"),
        (#"echo '{"outputs": [{"name": "other", "path": "x"}]}' > outputs.json"#, "manifest_invalid", "not ask for"),
        ("ln -s /etc/passwd outputs.json", "manifest_invalid", "cannot be read"),
        ("mkfifo outputs.json", "manifest_invalid", "no regular file"),
        (output("nothing"), "manifest_invalid", "no file below"),
        (output("/etc/hostname"), "manifest_invalid", "no file"),
        ("touch ../escaped; " + output("../escaped"), "manifest_invalid", "no file"),
        ("ln -s /etc/passwd link; " + output("link"), "manifest_invalid", "no file"),
        ("ln -s /etc folder; " + output("folder/passwd"), "manifest_invalid", "no file"),
        ("mkdir d; " + output("d"), "manifest_invalid", "no file"),
        ("touch f; " + output("f", #", "width": -1"#), "manifest_invalid", "impossible size"),
    ])
    func `a manifest that cannot be right is a failure`(script: String, code: String, detail: String) async throws {
        let bench = try CommandBench(script)
        let failure = try #require(await #expect(throws: TaskFailure.self) { try await bench.run() })
        #expect(failure.code == code)
        #expect(failure.detail.contains(detail), "\(failure.detail)")
    }

    private static func output(_ path: String, _ more: String = "") -> String {
        #"echo '{"outputs": [{"name": "music.flac", "path": "\#(path)"\#(more)}]}' > outputs.json"#
    }

    @Test func `a canceled program is gone with its children, those too that ignore SIGTERM`() async throws {
        let bench = try CommandBench(
            "sh -c 'trap \"\" TERM; echo $$ >> pids; while true; do sleep 600; done' & echo $$ >> pids; wait")
        let task = Task { try await bench.run() }
        try await eventually("both run") { bench.processes.count == 2 }
        let processes = bench.processes
        #expect(processes.allSatisfy { kill(pid_t($0), 0) == 0 })
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await eventually("none is left") { !processes.contains(where: Self.isRunning) }
    }

    private static func isRunning(_ process: Int) -> Bool {
        guard kill(pid_t(process), 0) == 0 else { return false }
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return false }
        return String(decoding: bytes, as: UTF8.self).split(separator: ") ").last?.hasPrefix("Z") != true
    }

    @Test(arguments: [
        (
            #"{"phase": "x", "done": -5, "total": 99999999999}"#,
            WorkerRuntime.Progress(phase: "x", done: 0, total: Int(Int32.max))
        ),
        (#"{"done": 1}"#, nil), ("{", nil), ("[1]", nil), ("", nil), (#" {"phase": "x"}"#, nil),
        (#"{"phase": "\#(String(repeating: "p", count: 65))"}"#, nil),
    ])
    func `a line is progress, or not`(line: String, progress: WorkerRuntime.Progress?) {
        #expect(CommandWord(line)?.progress == progress)
    }
}
