import ArgumentParser
import Foundation
import StudioClient
import StudioCore

/// `studio render FILE`.
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render", abstract: "Submits a film, watches it, and downloads it.")

    @Argument(help: "The film: YAML or JSON.")
    var file: String

    @Option(help: "Where the film goes (default: here, named like the file).")
    var out: String?

    @Flag(help: "Check the file and say what would be made; needs no server.")
    var dryRun = false

    @Flag(help: "Submit only, and print the run's id.")
    var detach = false

    @Option(help: "Give up waiting after this many seconds.")
    var timeout: Int?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    /// What a rendering ends with.
    struct Result: Codable {
        let run: RunRecord
        let film: String?
        let poster: String?

        /// Everything as JSON, or the film's path.
        func print(to output: OutputOptions) throws {
            if output.json { return try output.print(self) }
            if let film { Terminal.print(film) }
        }
    }

    func run() async throws {
        let spec = try SpecFile(path: file).spec()
        if dryRun { return try show(PlanRecord(Planner().plan(spec))) }
        let client = try server.client()
        let path = out ?? Self.path(for: file)
        let films = detach ? nil : try FilmDownload(client: client, path: path)
        let run = try await client.createRun(Data(spec.canonicalJSON.utf8)).run
        guard let films else {
            return output.json ? try output.print(run) : Terminal.print("\(run.id)")
        }
        Terminal.note("\(run.id) \(run.title)")
        try await Self.result(of: run, client: client, films: films, path: path, timeout: timeout).print(to: output)
    }

    /// Follows a run to its end and downloads its film; the user may interrupt that without ending the run, and is told
    /// how to come back.
    static func result(
        of run: RunRecord, client: StudioClient, films: FilmDownload?, path: String?, timeout: Int?
    ) async throws -> Result {
        let again = "studio run watch \(run.id)" + (path.map { " --out \($0)" } ?? "")
        let limit = timeout.map { Duration.seconds($0) }
        do {
            return try await interruptible {
                try RunWatcher.conclude(try await RunWatcher(client: client).watch(run, limit: limit))
                let files = try await films?.fetch(run.id)
                return Result(run: try await client.run(run.id), film: files?.film, poster: files?.poster)
            }
        } catch is Interrupted {
            throw Failure(.interrupted, "\(run.id) goes on.\n→ Follow it with `\(again)`.")
        } catch let failure as Failure where failure.code == .timedOut {
            throw Failure(.timedOut, "\(failure.message)\n→ Follow it with `\(again)`.")
        } catch let error as StudioClientError where error.code == .file {
            throw Failure(.error, "\(error)\n→ The film is kept: fetch it with `\(again)`.")
        }
    }

    private func show(_ plan: PlanRecord) throws {
        if output.json { return try output.print(plan) }
        let seconds = Double(plan.frames) * Double(plan.fps.denominator) / Double(plan.fps.numerator)
        Terminal.print("\(plan.title): \(Spoken.count(plan.shots, "shot")), \(Spoken.count(plan.tasks, "task"))")
        Terminal.print(
            "film: \(plan.frames) frames, \(Spoken.number(seconds, digits: 2)) s, \(plan.width)x\(plan.height)")
        for (kind, count) in plan.tasksByKind.sorted(by: { $0.key < $1.key }) { Terminal.print("  \(kind): \(count)") }
    }

    private static func path(for file: String) -> String {
        URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent + ".mp4"
    }
}
