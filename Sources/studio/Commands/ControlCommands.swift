import ArgumentParser
import Foundation
import StudioClient
import StudioCore

/// What `studio run cancel|pause|resume|retry` have in common.
struct RunControl: ParsableArguments {
    @Argument(help: "The run's id, or how it begins.")
    var id: String

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func perform(_ action: RunAction) async throws {
        let client = try server.client()
        let run = try await client.control(action, run: try await client.run(named: id).id)
        if output.json { return try output.print(run) }
        Terminal.print("\(run.id) \(run.state.rawValue)")
    }
}

/// `studio run cancel ID`.
struct RunCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Ends a run; what runs is told to stop at once.")

    @OptionGroup var control: RunControl

    func run() async throws { try await control.perform(.cancel) }
}

/// `studio run pause ID`.
struct RunPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Begins nothing new in a run; what runs goes on.")

    @OptionGroup var control: RunControl

    func run() async throws { try await control.perform(.pause) }
}

/// `studio run resume ID`.
struct RunResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Lets a paused run go on.")

    @OptionGroup var control: RunControl

    func run() async throws { try await control.perform(.resume) }
}

/// `studio run retry ID`.
struct RunRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Does what did not succeed in a run once more.")

    @Flag(help: "Everything, also what succeeded: its artifacts are given up.")
    var all = false

    @OptionGroup var control: RunControl

    func run() async throws { try await control.perform(.retry(all ? .all : .failed)) }
}

/// What commands about one task have in common.
struct TaskOptions: ParsableArguments {
    @Argument(help: "The task's id, or how it begins.")
    var id: String

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func perform(_ action: TaskAction) async throws {
        let client = try server.client()
        let task = try await client.control(action, task: try await client.task(named: id))
        if output.json { return try output.print(task) }
        Terminal.print("\(task.id) \(task.key) \(task.state.rawValue)")
    }
}

/// `studio task cancel ID`.
struct TaskCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Ends a task, and skips what needs its output.")

    @OptionGroup var options: TaskOptions

    func run() async throws { try await options.perform(.cancel) }
}

/// `studio task pause ID`.
struct TaskPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Has a task wait that does not run yet.")

    @OptionGroup var options: TaskOptions

    func run() async throws { try await options.perform(.pause) }
}

/// `studio task resume ID`.
struct TaskResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Lets a paused task go on.")

    @OptionGroup var options: TaskOptions

    func run() async throws { try await options.perform(.resume) }
}

/// `studio task retry ID`.
struct TaskRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Does a task once more, with all that was skipped for it.")

    @OptionGroup var options: TaskOptions

    func run() async throws { try await options.perform(.retry) }
}

/// `studio task attempts ID`.
struct TaskAttemptsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attempts", abstract: "Lists a task's attempts, with where their time went in seconds.")

    @OptionGroup var options: TaskOptions

    func run() async throws {
        let client = try options.server.client()
        let attempts = try await client.attempts(of: try await client.task(named: options.id))
        if options.output.json { return try options.output.print(attempts) }
        var table = Table("N", "OUTCOME", "WORKER", "QUEUE", "LOAD", "COMPUTE", "UPLOAD", "WASTED", "REASON")
        func text(_ seconds: Double?) -> String { seconds.map(Spoken.seconds) ?? "-" }
        for attempt in attempts {
            let times = attempt.seconds
            table.add(
                "\(attempt.n)", attempt.outcome ?? "running", attempt.workerName ?? "-", text(times.queue),
                text(times.load), text(times.compute), text(times.upload), text(times.wasted),
                LiveView.clipped(attempt.reason?.detail ?? "", 60))
        }
        for line in table.lines { Terminal.print(line) }
    }
}

/// `studio task why ID`.
struct TaskWhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Tells why a task is where it is, and what each worker would need to take it.")

    @OptionGroup var options: TaskOptions

    func run() async throws {
        let client = try options.server.client()
        let why = try await client.why(try await client.task(named: options.id))
        if options.output.json { return try options.output.print(why) }
        Terminal.print("\(why.task) is \(why.state.rawValue):")
        for cause in why.causes {
            let until = cause.until.map { ", until \(RecordJSON.text($0))" } ?? ""
            let task = cause.task.map { " [\($0)]" } ?? ""
            Terminal.print("  \(cause.detail)\(until)\(task)")
        }
        guard !why.workers.isEmpty else { return }
        var table = Table("WORKER", "ABLE", "DETAIL")
        for worker in why.workers { table.add(worker.name, worker.isAble ? "yes" : "no", worker.detail) }
        for line in table.lines { Terminal.print(line) }
    }
}

/// What `studio worker drain|pause|resume` have in common.
struct WorkerControl: ParsableArguments {
    @Argument(help: "The worker's name, its id, or how that begins.")
    var worker: String

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func perform(_ state: DesiredWorkerState) async throws {
        let client = try server.client()
        let changed = try await client.want(state, of: try await client.worker(named: worker).id)
        if output.json { return try output.print(changed) }
        Terminal.print("\(changed.name) \(changed.state.rawValue)")
    }
}

/// `studio worker drain NAME`.
struct WorkerDrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Has a worker finish what it runs, and end.")

    @OptionGroup var control: WorkerControl

    func run() async throws { try await control.perform(.draining) }
}

/// `studio worker pause NAME`.
struct WorkerPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Has a worker take nothing new for now.")

    @OptionGroup var control: WorkerControl

    func run() async throws { try await control.perform(.paused) }
}

/// `studio worker resume NAME`.
struct WorkerResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Has a worker take work again.")

    @OptionGroup var control: WorkerControl

    func run() async throws { try await control.perform(.active) }
}
