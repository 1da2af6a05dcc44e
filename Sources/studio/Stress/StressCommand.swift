import ArgumentParser
import DevStack
import Foundation
import StudioClient
import StudioCore
import SystemPackage

/// `studio stress`.
struct StressCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stress", abstract: "Measures the control plane with tasks that do nothing.",
        discussion: "Uses the local stack that is up, or starts one for the test.")

    private static let pollInterval = Duration.milliseconds(100)
    private static let batchMax = 200

    @Option(help: "How many runs.")
    var jobs = 100

    @Option(help: "How many tasks each run has.")
    var tasks = 1

    @Option(help: "How many worker processes.")
    var workers = 10

    @Option(help: "How many tasks each worker does at a time.")
    var slots = 1

    @Option(name: .customLong("sleep-ms"), help: "How long each task sleeps.")
    var sleepMilliseconds = 0

    @Option(help: "Submissions under way at a time.")
    var concurrency = 16

    @Option(help: "Give up after this many seconds.")
    var timeout = 600

    @OptionGroup var dev: DevOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard jobs > 0, workers > 0, workers <= 64, slots > 0, slots <= 64, (1...1_000).contains(tasks),
            concurrency > 0, concurrency <= 256,
            (0...60_000).contains(sleepMilliseconds), timeout > 0
        else {
            throw ValidationError(
                "numbers must be positive; at most 64 workers, 64 slots, 1000 tasks and 256 at a time")
        }
    }

    func run() async throws {
        let directory = DevDirectory(dev.dir)
        let command = self
        do {
            let report = try await interruptible {
                try await LocalStudio.with(directory, programs: { try $0.controlPlane() }, commands: []) { studio in
                    try await command.withWorkers(studio)
                }
            }
            if output.json { try output.print(report) } else { for line in report.lines { Terminal.print(line) } }
            if report.failed > 0 { throw Failure(.runFailed, "\(Spoken.count(report.failed, "job")) failed.") }
        } catch let interrupted as Interrupted {
            throw Failure(.interrupted, "Stopped by signal \(interrupted.signal); nothing is left running.")
        }
    }

    private func withWorkers(_ studio: LocalStudio) async throws -> StressReport {
        let programs = DevPrograms(
            secrets: studio.secrets, endpoints: studio.endpoints, directory: studio.directory)
        let list = try (1...workers).map { try programs.worker("stress-\($0)", kinds: "noop", slots: slots) }
        let directory = studio.directory.stress
        let leftovers = DetachedSupervisor(directory: directory)
        return try await leftovers.exclusively(onWait: DevDirectory.tellWait) {
            await leftovers.stop()
            Terminal.note("Starting \(Spoken.count(workers, "worker")) …")
            return try await supervise(programs: list, in: directory) { _ in try await measure(studio.client) }
        }
    }

    private func measure(_ client: StudioClient) async throws -> StressReport {
        let label = "stress-\(String(UInt32.random(in: 0...UInt32.max), radix: 36))"
        let body = Data(
            #"{"noop":{"tasks":\#(tasks),"sleep_ms":\#(sleepMilliseconds)},"labels":["\#(label)"]}"#.utf8)
        Terminal.note("Submitting \(Spoken.count(jobs, "job")) …")
        let begin = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<jobs {
                if index >= concurrency { try await group.next() }
                group.addTask { _ = try await client.createRun(body) }
            }
            try await group.waitForAll()
        }
        let enqueue = ContinuousClock.now - begin
        Terminal.note("Waiting for them …")
        try await waitForEnd(client, label, deadline: begin + .seconds(timeout))
        return StressReport(
            runs: try await all(client, label), tasks: tasks, workers: workers, slots: slots,
            sleepMilliseconds: sleepMilliseconds,
            enqueueSeconds: enqueue / .seconds(1))
    }

    private func waitForEnd(
        _ client: StudioClient, _ label: String, deadline: ContinuousClock.Instant
    ) async throws {
        let open = RunFilter(states: Set(RunState.allCases.filter { !$0.isTerminal }), labels: [label])
        while try await !client.runs(open, limit: 1).data.isEmpty {
            guard ContinuousClock.now < deadline else {
                throw Failure(.timedOut, "Not every job has ended within \(timeout) s.")
            }
            try await Task.sleep(for: Self.pollInterval)
        }
    }

    private func all(_ client: StudioClient, _ label: String) async throws -> [RunRecord] {
        var runs: [RunRecord] = []
        var cursor: String?
        repeat {
            let page = try await client.runs(RunFilter(labels: [label]), limit: Self.batchMax, cursor: cursor)
            runs += page.data
            cursor = page.nextCursor
        } while cursor != nil
        return runs
    }
}
