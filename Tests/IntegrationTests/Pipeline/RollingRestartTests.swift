import DevStack
import Postgres
import StudioCore
import Testing

extension PipelineSuite {
    @Suite struct RollingRestartTests {
        private static let tasks = 600
        private static let workers = ["noop-a", "noop-b"]
        /// Restarts of everything, at least, and as many more as the work takes.
        private static let rounds = 2

        @Test func `while every program is restarted by SIGTERM, no task fails and none is begun twice`() async throws {
            let workers = Self.workers.map { PipelineWorker(name: $0, kinds: [.noop], slots: 4) }
            try await Pipeline.with(workers) { pipeline in
                let run = try await pipeline.submitNoop(Self.tasks, sleepMilliseconds: 150)
                try await pipeline.untilBusy("noop-a")
                for _ in 0..<Self.rounds {
                    for program in [PipelinePrograms.api, PipelinePrograms.hub] + Self.workers {
                        await pipeline.supervisor.take(down: program)
                        try await pipeline.supervisor.bring(up: program)
                    }
                }
                #expect(try await pipeline.attempts("succeeded") < Self.tasks, "the restarts came too late")
                let record = try await pipeline.succeeded(run, within: .seconds(90))
                #expect(record.tasks[.succeeded] == Self.tasks)
                #expect(try await pipeline.number("SELECT count(*)::int AS n FROM attempts") == Self.tasks)
            }
        }
    }
}
