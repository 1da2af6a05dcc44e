import DevStack
import Postgres
import StudioClient
import StudioCore
import Testing

extension PipelineSuite {
    @Suite struct HoardTests {
        @Test func `a worker that is busy with one kind holds no task of another kind back from the others`()
            async throws
        {
            let busy = PipelineWorker(
                name: "busy", kinds: [.llm, .noop], slots: 1, environment: ["WORKER_DRAIN_SECONDS": "0"])
            let free = PipelineWorker(name: "free", kinds: [.llm], slots: 1)
            try await Pipeline.with([busy, free]) { pipeline in
                await pipeline.supervisor.take(down: free.name)
                let long = try await pipeline.submitNoop(1, sleepMilliseconds: 60_000)
                try await pipeline.untilBusy(busy.name)
                let film = try await pipeline.submit(PipelineFilm.specification)
                let lane = Lane(kind: .llm, priority: .batch).queue
                try await eventually("the film's first task waits for a worker") {
                    try await pipeline.broker.depth(of: lane) == 1
                }
                try await pipeline.supervisor.bring(up: free.name)
                try await eventually("the other worker has done it") {
                    try await pipeline.number(
                        """
                        SELECT count(*)::int AS n FROM tasks
                        WHERE run_id = \(film.uuid) AND kind = 'llm' AND state = 'succeeded'
                        """) == 1
                }
                #expect(try await pipeline.holder(of: long) == busy.name, "it is busy still")
            }
        }
    }
}
