import DevStack
import Foundation
import Postgres
import StudioClient
import StudioCore
import Testing

extension PipelineSuite {
    /// Tasks that a program of the operator's makes, through every program of ours.
    @Suite struct CommandTests {
        /// How long a program has between SIGTERM and SIGKILL, in seconds.
        private static let graceSeconds = 2

        @Test func `one canceled task is ended with all its processes, and the one beside it goes on`() async throws {
            let program = try PipelineCommand(PipelineCommand.stubborn)
            let worker = PipelineWorker(
                name: "command-1", kinds: [.noop], slots: 2,
                environment: program.environment(["COMMAND_GRACE_SECONDS": "\(Self.graceSeconds)"]))
            try await Pipeline.with([worker]) { pipeline in
                let run = try await pipeline.submitNoop(2)
                try await pipeline.untilBusy(worker.name, tasks: 2)
                let tasks = try await pipeline.client.tasks(TaskFilter(run: run)).data.map(\.id)
                try await eventually("both programs run") { tasks.allSatisfy { program.processes(of: $0).count == 2 } }
                let (canceled, other) = (tasks[0], tasks[1])
                let (ending, staying) = (program.processes(of: canceled), program.processes(of: other))

                let asked = ContinuousClock.now
                _ = try await pipeline.client.control(.cancel, task: canceled)
                try await eventually("its processes are gone") { !ending.contains(where: PipelineCommand.isRunning) }
                #expect(ContinuousClock.now - asked < .seconds(Self.graceSeconds + 5))
                #expect(staying.allSatisfy(PipelineCommand.isRunning))
                try await eventually("its task is canceled") {
                    try await pipeline.client.task(canceled).state == .canceled
                }
                #expect(try await pipeline.client.task(other).state == .running)
                #expect(try await pipeline.attempts("canceled") == 1)

                _ = try await pipeline.client.control(.cancel, run: run)
                #expect(try await pipeline.ended(run).state == .canceled)
                #expect(!staying.contains(where: PipelineCommand.isRunning))
            }
        }

        @Test func `the delay that a program asks for is the database's`() async throws {
            let program = try PipelineCommand(
                """
                echo '{"retry_after_s": 40}'
                echo "429 Too Many Requests" >&2
                exit 1
                """)
            let worker = PipelineWorker(name: "command-1", kinds: [.noop], environment: program.environment())
            try await Pipeline.with([worker]) { pipeline in
                let run = try await pipeline.submitNoop(1)
                let task = try #require(try await pipeline.client.tasks(TaskFilter(run: run)).data.first?.id)
                try await eventually("it waits for its next attempt") {
                    try await pipeline.client.task(task).state == .retrying
                }
                let seconds = try await pipeline.number(
                    """
                    SELECT extract(epoch FROM t.run_at - a.ended_at)::int AS n
                    FROM tasks t JOIN attempts a ON a.task_id = t.id WHERE t.id = \(task.uuid)
                    """)
                // And as much again by chance, see `RetryPolicy.retryAfterSpread`.
                #expect((38...82).contains(seconds))
                let reason = try await pipeline.client.task(task).reason
                #expect(reason?.code == "rate_limited")
                #expect(reason?.detail.contains("429 Too Many Requests") == true)
                _ = try await pipeline.client.control(.cancel, run: run)
                #expect(try await pipeline.ended(run).state == .canceled)
            }
        }

        @Test func `a worker whose endpoint is down takes nothing, and its tasks go to another`() async throws {
            let program = try PipelineCommand("exit 69")
            // Of a class that says nothing against the worker, so that it is the circuit that stops it.
            let table = try program.write(
                "signatures.json",
                """
                {"version": 1, "rules": [{"name": "away", "when": {"exit_status": 69}, "class": "rate_limit",
                  "code": "away", "message": "it is away", "retry_after_s": 0, "endpoint_down": true}]}
                """)
            let lame = PipelineWorker(
                name: "lame", kinds: [.noop], slots: 1,
                environment: program.environment(["CIRCUIT_PAUSE_SECONDS": "3600", "FAILURE_SIGNATURES": table]))
            let sound = PipelineWorker(name: "sound", kinds: [.noop], slots: 1)
            try await Pipeline.with([lame, sound]) { pipeline in
                await pipeline.supervisor.take(down: sound.name)
                // Each failure costs its task one attempt; after three the worker takes nothing.
                let run = try await pipeline.submitNoop(10, attemptsMax: 5)
                try await eventually("three have failed") { try await pipeline.attempts("failed") >= 3 }
                try await pipeline.supervisor.bring(up: sound.name)
                try await pipeline.succeeded(run)
                #expect(try await pipeline.attempts("failed") == 3)
            }
        }
    }
}
