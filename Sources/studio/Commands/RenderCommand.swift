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

    @Option(help: "Where the film goes (default: beside the terminal, named like the file).")
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
    }

    func run() async throws {
        let spec = try SpecFile(path: file).spec()
        if dryRun { return try show(PlanRecord(Planner().plan(spec))) }
        let client = try server.client()
        let run = try await client.createRun(Data(spec.canonicalJSON.utf8)).run
        if detach {
            return output.json ? try output.print(run) : Terminal.print("\(run.id)")
        }
        Terminal.note("\(run.id) \(run.title)")
        let films = FilmDownload(client: client, path: out ?? Self.path(for: file))
        let limit = timeout.map { Duration.seconds($0) }
        let isLive = Terminal.isInteractive
        let result = try await Self.resumable(run.id) {
            let board = try await RunWatcher(client: client, isLive: isLive).watch(run, limit: limit)
            try RunWatcher.conclude(board)
            return try await films.fetch(run.id)
        }
        if output.json {
            try output.print(result)
        } else if let film = result.film {
            Terminal.print(film)
        }
    }

    /// Runs what the user may interrupt without ending the run, and then says how to come back.
    static func resumable<Value: Sendable>(
        _ run: RunID, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await interruptible(body)
        } catch is Interrupted {
            throw Failure(.interrupted, "\(run) goes on.\n→ Follow it with `studio run watch \(run)`.")
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

/// Brings a run's film and poster here.
struct FilmDownload: Sendable {
    let client: StudioClient
    let path: String

    /// Downloads what the run made; a run without a film gives none.
    func fetch(_ id: RunID) async throws -> RenderCommand.Result {
        let run = try await client.run(id)
        var poster: String?
        let film = URL(fileURLWithPath: path)
        if let id = run.film {
            try FileManager.default.createDirectory(
                at: film.deletingLastPathComponent(), withIntermediateDirectories: true)
            try await client.download(id, to: film.path)
        }
        if let id = run.poster {
            let path = film.deletingPathExtension().path + ".jpg"
            try await client.download(id, to: path)
            poster = path
        }
        return RenderCommand.Result(run: run, film: run.film == nil ? nil : film.path, poster: poster)
    }
}
