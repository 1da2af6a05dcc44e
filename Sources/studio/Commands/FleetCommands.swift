import ArgumentParser
import Foundation
import StudioClient
import StudioCore

/// `studio task …`.
struct TaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "Lists, shows and controls tasks.",
        subcommands: [
            TaskListCommand.self, TaskViewCommand.self, TaskAttemptsCommand.self, TaskWhyCommand.self,
            TaskCancelCommand.self, TaskPauseCommand.self, TaskResumeCommand.self, TaskRetryCommand.self,
        ])
}

/// `studio task list`.
struct TaskListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists tasks of a run.")

    @Argument(help: "The run's id, or how it begins.")
    var run: String

    @Option(help: "Only tasks in this state; may be repeated.")
    var status: [TaskState] = []

    @Option(help: "Only tasks of this kind; may be repeated.")
    var kind: [TaskKind] = []

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try server.client()
        let tasks = try await client.allTasks(
            TaskFilter(run: try await client.run(named: run).id, states: Set(status), kinds: Set(kind)))
        if output.json { return try output.print(tasks) }
        var table = Table("ID", "KEY", "STATE", "ATTEMPT", "WORKER", "REASON")
        for task in tasks.sorted(by: { $0.key < $1.key }) {
            table.add(
                "\(task.id)", task.key, task.state.rawValue, "\(task.attempt.n)/\(task.attempt.max)",
                task.worker ?? "-", LiveView.clipped(task.reason?.detail ?? "", 60))
        }
        for line in table.lines { Terminal.print(line) }
    }
}

extension TaskState: ExpressibleByArgument {}
extension TaskKind: ExpressibleByArgument {}

/// `studio task view ID`.
struct TaskViewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "view", abstract: "Shows a task.")

    @OptionGroup var options: TaskOptions

    func run() async throws {
        let client = try options.server.client()
        let task = try await client.task(try await client.task(named: options.id))
        if options.output.json { return try options.output.print(task) }
        var table = Table("FIELD", "VALUE")
        table.add("run", "\(task.run)")
        table.add("key", task.key)
        table.add("state", task.state.rawValue + (task.phase.map { ", \($0)" } ?? ""))
        table.add("attempt", "\(task.attempt.n) of \(task.attempt.max)")
        if let worker = task.worker { table.add("worker", worker) }
        if let progress = task.progress { table.add("progress", "\(Int(progress.ratio * 100))%") }
        if let next = task.nextAttemptAt { table.add("next attempt", RecordJSON.text(next)) }
        if let started = task.startedAt { table.add("started", RecordJSON.text(started)) }
        if let finished = task.finishedAt { table.add("finished", RecordJSON.text(finished)) }
        if let reason = task.reason { table.add("reason", "\(reason.detail) [\(reason.code)]") }
        for line in table.lines { Terminal.print(line) }
    }
}

/// `studio worker list`.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Lists and controls workers.",
        subcommands: [
            WorkerListCommand.self, WorkerDrainCommand.self, WorkerPauseCommand.self, WorkerResumeCommand.self,
        ],
        defaultSubcommand: WorkerListCommand.self)
}

/// `studio worker list`.
struct WorkerListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists workers.")

    @Flag(help: "Also those that are gone.")
    var all = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let workers = try await server.client().workers().filter { all || $0.state != .lost }
        if output.json { return try output.print(workers) }
        var table = Table("NAME", "STATE", "KINDS", "BUSY", "GPU", "MODELS", "SEEN")
        for worker in workers {
            table.add(
                worker.name, Self.state(of: worker), worker.kinds.map(\.rawValue).joined(separator: ","),
                "\(worker.busy)/\(worker.slots)", Spoken.memory(mebibytes: worker.vramMiB),
                worker.models.isEmpty ? "any" : worker.models.joined(separator: ","), Spoken.age(worker.lastSeenAt))
        }
        table.addColumn("LABELS", workers.map(Self.labels(of:)))
        for line in table.lines { Terminal.print(line) }
    }
}

extension WorkerListCommand {
    /// Every worker is labeled with its host, which its name tells already.
    private static let labelOfAll = "host"

    /// `quarantined for 40 s (executor_failed)`.
    static func state(of worker: WorkerRecord, now: Date = .now) -> String {
        guard worker.state == .quarantined, let until = worker.quarantinedUntil else { return worker.state.rawValue }
        let reason = worker.quarantineCode.map { " (\($0))" } ?? ""
        return "\(worker.state.rawValue) for \(Spoken.seconds(max(0, until.timeIntervalSince(now))))\(reason)"
    }

    static func labels(of worker: WorkerRecord) -> String {
        worker.labels.filter { $0.key != labelOfAll }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            .joined(separator: ",")
    }
}

/// `studio queue`.
struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Shows what waits, and how many workers more would help.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let stats = try await server.client().queueStats()
        if output.json { return try output.print(stats) }
        Terminal.print("queued \(stats.queued), processing \(stats.processing), workers \(stats.workers)")
        Terminal.print("average wait \(Spoken.seconds(stats.averageWaitSeconds))")
        if stats.workersToAdd.max > 0 {
            Terminal.print("add \(stats.workersToAdd.min) to \(stats.workersToAdd.max) workers")
        }
        for kind in stats.kinds where kind.queued + kind.processing > 0 {
            Terminal.print("  \(kind.kind.rawValue): \(kind.queued) queued, \(kind.processing) processing")
        }
    }
}
