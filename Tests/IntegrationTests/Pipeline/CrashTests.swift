import DevStack
import StudioClient
import StudioCore
import Testing

extension PipelineSuite {
    @Suite struct CrashTests {
        /// Slow enough for something to be under way at any moment.
        private static let slow = ["MOCK_FAULTS": "latency=400ms..800ms"]
        private static let workers = [
            PipelineWorker(name: "media-a", environment: slow), PipelineWorker(name: "media-b", environment: slow),
        ]

        @Test func `a worker killed in the middle of its tasks is replaced, and the film is made once`() async throws {
            try await Pipeline.with(Self.workers, composer: true) { pipeline in
                let run = try await pipeline.submit(PipelineFilm.specification)
                try await pipeline.untilBusy("media-a")
                try await pipeline.crash("media-a")
                let record = try await pipeline.succeeded(run)
                #expect(record.frames == PipelineFilm.frames)
                let tasks = try await pipeline.client.allTasks(TaskFilter(run: run))
                #expect(tasks.contains { $0.attempt.n == 2 }, "nobody had to take anything over")
                #expect(try await pipeline.attempts("expired") > 0)
                #expect(try await pipeline.attempts("succeeded") == PipelineFilm.tasks)
            }
        }

        @Test(arguments: [PipelinePrograms.hub, PipelinePrograms.composer, PipelinePrograms.api])
        func `a film is made once although this program is killed in the middle`(program: String) async throws {
            try await Pipeline.with(Self.workers, composer: true) { pipeline in
                let run = try await pipeline.submit(PipelineFilm.specification)
                try await pipeline.untilBusy(program == PipelinePrograms.composer ? program : "media-b")
                try await pipeline.crash(program)
                try await pipeline.succeeded(run)
                #expect(try await pipeline.attempts("succeeded") == PipelineFilm.tasks)
                if program == PipelinePrograms.composer { #expect(try await pipeline.attempts("expired") == 1) }
            }
        }
    }
}
