import ArgumentParser
import Foundation
import StudioClient
import StudioCore

/// `studio run …`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Lists, shows, follows and controls runs.",
        subcommands: [
            RunListCommand.self, RunViewCommand.self, RunWatchCommand.self, RunSpentCommand.self,
            RunCancelCommand.self, RunPauseCommand.self, RunResumeCommand.self, RunRetryCommand.self,
        ])
}

/// `studio run list`.
struct RunListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists runs, newest first.")

    @Option(help: "Only runs in this state; may be repeated.")
    var status: [RunState] = []

    @Option(help: "Only runs with this label; may be repeated.")
    var label: [String] = []

    @Option(help: "How many.")
    var limit = 20

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        let client = try server.client()
        let filter = RunFilter(states: Set(status), labels: label)
        var runs: [RunRecord] = []
        var cursor: String?
        repeat {
            let page = try await client.runs(filter, limit: min(200, limit - runs.count), cursor: cursor)
            runs += page.data
            cursor = page.nextCursor
        } while cursor != nil && runs.count < limit
        if output.json { return try output.print(runs) }
        var table = Table("ID", "STATE", "TASKS", "CREATED", "TITLE")
        for run in runs {
            table.add(
                "\(run.id)", run.state.rawValue, "\(run.tasks.terminal)/\(run.tasks.total)",
                Spoken.age(run.createdAt), LiveView.clipped(run.title, 40))
        }
        for line in table.lines { Terminal.print(line) }
    }
}

extension RunState: ExpressibleByArgument {}

/// `studio run view ID`.
struct RunViewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "view", abstract: "Shows a run and its shots.")

    @Argument(help: "The run's id, or how it begins.")
    var id: String

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try server.client()
        let run = try await client.run(named: id)
        let shots = try await client.shots(of: run.id)
        let tasks = try await client.allTasks(TaskFilter(run: run.id))
        if output.json { return try output.print(RunSnapshot(run: run, shots: shots, tasks: tasks)) }
        var board = RunBoard(run: run)
        _ = board.take(.snapshot(RunSnapshot(run: run, shots: shots, tasks: tasks)))
        Terminal.print("\(run.id) \(run.title)")
        for line in LiveView.render(board, width: 120) { Terminal.print(line) }
        if let deadline = run.deadlineAt, !run.isTerminal {
            let left = deadline.timeIntervalSinceNow
            Terminal.print(left > 0 ? "deadline: in \(Spoken.seconds(left))" : "deadline: over")
        }
        if let reason = run.reason { Terminal.print("reason: \(reason.detail) [\(reason.code)]") }
        for task in board.failures {
            Terminal.print("\(task.key): \(task.reason?.detail ?? "failed") [\(task.reason?.code ?? "?")]")
        }
        if let film = run.film { Terminal.print("film: \(film)") }
    }
}

/// `studio run watch ID`.
struct RunWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Follows a run to its end, and ends as it did.",
        discussion: "With --out also the way to the film of a run that has ended.")

    @Argument(help: "The run's id, or how it begins.")
    var id: String

    @Option(help: "Download the film here when it is done.")
    var out: String?

    @Option(help: "Give up waiting after this many seconds.")
    var timeout: Int?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try server.client()
        let films = try out.map { try FilmDownload(client: client, path: $0) }
        let run = try await client.run(named: id)
        try await RenderCommand.result(of: run, client: client, films: films, path: out, timeout: timeout)
            .print(to: output)
    }
}
