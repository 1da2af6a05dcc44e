import ArgumentParser
import Foundation
import StudioClient
import StudioCore
import SystemPackage

/// `studio demo`: the sample film, rendered on this machine from nothing.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Renders the sample film on this machine; the last line is its path.",
        discussion: "Starts what is not running, and stops what it started, whatever happens.")

    /// What the demo made, and what it took.
    struct Report: Codable, Sendable {
        let run: RunID
        let film: String
        let shots: Int
        let tasks: Int
        /// Attempts beyond the first of each task.
        let retries: Int
        /// From submission to the film on disk.
        let wallSeconds: Double
        let filmSeconds: Double

        private enum CodingKeys: String, CodingKey {
            case run, film, shots, tasks, retries
            case wallSeconds = "wall_s"
            case filmSeconds = "film_s"
        }

        var lines: [String] {
            var table = Table("SHOTS", "TASKS", "RETRIES", "WALL TIME", "FILM", "FILM SECONDS PER WALL SECOND")
            table.add(
                "\(shots)", "\(tasks)", "\(retries)", Spoken.seconds(wallSeconds),
                "\(Spoken.number(filmSeconds, digits: 2)) s",
                Spoken.number(filmSeconds / max(0.001, wallSeconds), digits: 2))
            return table.lines
        }
    }

    @Option(name: .customLong("output"), help: "Where the sample and the film go.")
    var folder = ".dev/demo"

    @OptionGroup var dev: DevOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let directory = DevDirectory(dev.dir)
        let folder = DevDirectory(folder).path.string
        Terminal.note("Starting a studio in \(directory.path) …")
        do {
            let report = try await interruptible {
                try await LocalStudio.with(directory) { try await Self.render($0.client, into: folder) }
            }
            if output.json { return try output.print(report) }
            for line in report.lines { Terminal.print(line) }
            Terminal.print(report.film)
        } catch let interrupted as Interrupted {
            throw Failure(.interrupted, "Stopped by signal \(interrupted.signal); nothing is left running.")
        }
    }

    private static func render(_ client: StudioClient, into folder: String) async throws -> Report {
        let source = URL(fileURLWithPath: folder).appendingPathComponent(InitCommand.fileName).path
        try InitCommand.write(to: source)
        let spec = try SpecFile(path: source).spec()
        let path = URL(fileURLWithPath: folder).appendingPathComponent("film.mp4").path
        let films = try FilmDownload(client: client, path: path)
        let begin = ContinuousClock.now
        let run = try await client.createRun(Data(spec.canonicalJSON.utf8)).run
        Terminal.note("Rendering \(run.title) (\(run.id)) …")
        let board = try await RunWatcher(client: client).watch(run)
        try RunWatcher.conclude(board)
        let film = try await films.fetch(run.id).film
        let wall = ContinuousClock.now - begin
        let tasks = try await client.allTasks(TaskFilter(run: run.id))
        let rate = run.fps
        return Report(
            run: run.id, film: film, shots: run.shots, tasks: tasks.count,
            retries: tasks.reduce(0) { $0 + max(0, $1.attempt.n - 1) }, wallSeconds: wall / .seconds(1),
            filmSeconds: Double(run.frames) * Double(rate.denominator) / Double(rate.numerator))
    }
}
