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

    @Option(help: "Where the sample and the film go.")
    var output = ".dev/demo"

    @OptionGroup var dev: DevOptions

    func run() async throws {
        let directory = DevDirectory(dev.dir)
        let folder = DevDirectory(output).path.string
        Terminal.note("Starting a studio in \(directory.path) …")
        do {
            let film = try await interruptible {
                try await LocalStudio.with(directory) { try await Self.render($0.client, into: folder) }
            }
            Terminal.print(film)
        } catch let interrupted as Interrupted {
            throw Failure(.interrupted, "Stopped by signal \(interrupted.signal); nothing is left running.")
        }
    }

    /// Renders the sample and tells what it took.
    ///
    /// - Returns: the film's absolute path.
    private static func render(_ client: StudioClient, into folder: String) async throws -> String {
        let source = URL(fileURLWithPath: folder).appendingPathComponent(InitCommand.fileName).path
        try InitCommand.write(to: source)
        let spec = try SpecFile(path: source).spec()
        let begin = ContinuousClock.now
        let run = try await client.createRun(Data(spec.canonicalJSON.utf8)).run
        Terminal.note("Rendering \(run.title) (\(run.id)) …")
        let board = try await RunWatcher(client: client).watch(run)
        try RunWatcher.conclude(board)
        let wall = ContinuousClock.now - begin
        let path = URL(fileURLWithPath: folder).appendingPathComponent("film.mp4").path
        let result = try await FilmDownload(client: client, path: path).fetch(run.id)
        guard let film = result.film else { throw Failure(.error, "The run made no film.") }
        let tasks = try await client.allTasks(TaskFilter(run: run.id))
        for line in summary(result.run, tasks, wallSeconds: wall / .seconds(1)) { Terminal.note(line) }
        return film
    }

    private static func summary(_ run: RunRecord, _ tasks: [TaskRecord], wallSeconds: Double) -> [String] {
        let seconds = Double(run.frames) * Double(run.fps.denominator) / Double(run.fps.numerator)
        let retries = tasks.reduce(0) { $0 + max(0, $1.attempt.n - 1) }
        var table = Table("SHOTS", "TASKS", "RETRIES", "WALL TIME", "FILM", "FILM SECONDS PER WALL SECOND")
        table.add(
            "\(run.shots)", "\(tasks.count)", "\(retries)", Spoken.seconds(wallSeconds),
            "\(Spoken.number(seconds, digits: 2)) s", Spoken.number(seconds / max(0.001, wallSeconds), digits: 2))
        return table.lines
    }
}
