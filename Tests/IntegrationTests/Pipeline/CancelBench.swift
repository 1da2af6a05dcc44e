import Foundation
import Postgres
import StudioClient
import StudioCore
import Testing

/// How many cancels are made of each executor; none are, unless it is asked for.
private let count = Int(ProcessInfo.processInfo.environment["CANCEL_BENCHMARK"] ?? "") ?? 0

extension PipelineSuite {
    /// How long a cancel takes, from the call to the API to the end of what it cancels.
    ///
    /// Not part of the tests: `CANCEL_BENCHMARK=50 make test ARGUMENTS='--filter CancelBench'`, where the number is how
    /// many cancels are made of each executor.
    @Suite(.enabled(if: count > 0), .timeLimit(.minutes(10))) struct CancelBench {
        @Test func `a mock task, until its end is written down`() async throws {
            let worker = PipelineWorker(name: "mock-1", kinds: [.noop], slots: 1)
            try await Pipeline.with([worker]) { pipeline in
                try await Self.measure("mock, end written", pipeline) { task in
                    try await pipeline.number(
                        """
                        SELECT count(*)::int AS n FROM attempts WHERE task_id = \(task.uuid) AND outcome = 'canceled'
                        """) == 1
                }
            }
        }

        @Test func `a program, until none of its processes is left`() async throws {
            let program = try PipelineCommand(PipelineCommand.stubborn)
            let worker = PipelineWorker(
                name: "command-1", kinds: [.noop], slots: 1, environment: program.environment())
            try await Pipeline.with([worker]) { pipeline in
                try await Self.measure(
                    "command, processes gone", pipeline, isReady: { program.processes(of: $0).count == 2 }
                ) { task in
                    let processes = program.processes(of: task)
                    return !PipelineCommand.isGroupRunning(processes[0])
                        || !processes.contains(where: PipelineCommand.isRunning)
                }
            }
        }

        private static func measure(
            _ name: String, _ pipeline: Pipeline, isReady: @escaping @Sendable (TaskID) -> Bool = { _ in true },
            hasEnded: @escaping @Sendable (TaskID) async throws -> Bool
        ) async throws {
            var seconds: [Double] = []
            for _ in 0..<count {
                let run = try await pipeline.submitNoop(1, sleepMilliseconds: 60_000, priority: .interactive)
                let task = try #require(try await pipeline.client.tasks(TaskFilter(run: run)).data.first?.id)
                try await eventually("it runs") {
                    guard isReady(task) else { return false }
                    return try await pipeline.client.task(task).state == .running
                }
                let asked = ContinuousClock.now
                _ = try await pipeline.client.control(.cancel, task: task)
                try await eventually("it has ended", every: .milliseconds(2)) { try await hasEnded(task) }
                seconds.append((ContinuousClock.now - asked) / .seconds(1))
                #expect(try await pipeline.ended(run).state == .canceled)
            }
            let sorted = seconds.sorted()
            func part(_ share: Double) -> String {
                let index = min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - 1)
                return "\((sorted[max(0, index)] * 1_000).rounded()) ms"
            }
            print("cancel (\(name), \(sorted.count)): p50 \(part(0.5)), p95 \(part(0.95)), max \(part(1))")
        }
    }
}
