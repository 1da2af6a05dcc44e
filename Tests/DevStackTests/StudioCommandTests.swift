import Foundation
import SystemPackage
import Testing

@testable import DevStack

/// The command-line tool as a process, from a directory that is not the checkout.
@Suite(.serialized, .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/environ")))
struct StudioCommandTests {
    /// Finds whatever was started by the commands of one test, however it was detached since.
    private let mark = "AINERN2D_TEST=\(UUID().uuidString)"

    /// Runs a shell's script in a directory, with the tool under the name `studio`.
    private func run(_ script: String, in directory: FilePath) async throws -> Tool.Result {
        let name = mark.split(separator: "=")
        let studio = try ProgramLocator.find("studio")
        return try await Tool.run(
            "/bin/sh", ["-c", "cd '\(directory)' && studio() { '\(studio)' \"$@\"; }; \(script)"],
            environment: [
                "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": directory.string, String(name[0]): String(name[1]),
            ])
    }

    /// The names of the programs that bear the mark.
    private func marked() -> [String] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }.compactMap { pid in
            guard ProcessIdentity(pid: pid) != nil,
                let variables = FileManager.default.contents(atPath: "/proc/\(pid)/environ"),
                variables.split(separator: 0).contains(where: { String(decoding: $0, as: UTF8.self) == mark }),
                let command = ProcessTable.commandLine(of: pid)
            else { return nil }
            let program = command.split(separator: " ").first.map { FilePath(String($0)).lastComponent?.string ?? "" }
            // Each program has a shell that waits for its end.
            return program == "sh" ? nil : program
        }.sorted()
    }

    private static let everything = [
        "composer", "studio", "studio-api", "worker-hub", "worker-runtime", "worker-runtime", "worker-runtime",
        "worker-runtime",
    ]

    @Test(.timeLimit(.minutes(5)))
    func `two ups at once start everything once, and down leaves nothing`() async throws {
        try await Scratch.withDirectory { directory in
            do {
                async let first = run("studio dev up --dir stack", in: directory)
                async let second = run("studio dev up --dir stack", in: directory)
                let results = try await [first, second]
                #expect(results.allSatisfy { $0.isSuccess }, "\(results.map(\.error))")
                #expect(results[0].output == results[1].output)
                #expect(results.count { $0.error.contains("programs: already running") } == 1)
                #expect(marked() == Self.everything)
            } catch {
                _ = try? await run("studio dev down --dir stack", in: directory)
                throw error
            }
            let down = try await run("studio dev down --dir stack", in: directory)
            #expect(down.isSuccess, "\(down.error)")
            #expect(await Scratch.eventually { marked().isEmpty }, "\(marked())")
        }
    }

    @Test func `a full disk under the standard output is an error, a reader that has gone is none`() async throws {
        try await Scratch.withDirectory { directory in
            let full = try await run("studio --help >/dev/full", in: directory)
            #expect(!full.isSuccess)
            #expect(full.error.contains("Standard output cannot be written: No space left on device"))
            let gone = try await run(
                """
                mkfifo gate
                { read _ <gate; studio --help; echo "ended with $?" >&2; } | { exec <&-; echo go >gate; }
                """, in: directory)
            #expect(gone.error == "ended with 141")
        }
    }

    @Test func `everything that is not installed is named at once, before anything is started`() async throws {
        try await Scratch.withDirectory { directory in
            let locator = ToolLocator(tools: directory, environment: ["PATH": directory.string])
            let error = #expect(throws: StackError.self) {
                try locator.require(ServiceName.allCases, commands: ["ffmpeg"])
            }
            for program in ["initdb", "psql", "weed", "epmd", "ffmpeg"] {
                #expect(error?.detail.contains("“\(program)”") == true)
            }
            #expect(error?.cure.contains("make setup") == true)
            let root = directory.appending("stack")
            let stack = Stack(StackConfiguration(root: root, tools: directory.appending("none")))
            await #expect(throws: StackError.self) { try await stack.up() }
            #expect(!FileManager.default.fileExists(atPath: root.string))
        }
    }
}
