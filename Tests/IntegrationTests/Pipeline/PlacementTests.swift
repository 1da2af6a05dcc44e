import DevStack
import Foundation
import Postgres
import StudioClient
import StudioCore
import Testing

extension PipelineSuite {
    /// Which worker gets what, through every program.
    @Suite struct PlacementTests {
        private static let small = PipelineWorker(
            name: "small", kinds: [.noop], slots: 4, environment: ["WORKER_VRAM_MIB": "8192"])
        private static let large = PipelineWorker(
            name: "large", kinds: [.noop], slots: 1,
            environment: ["WORKER_VRAM_MIB": "24576", "WORKER_LABELS": "zone=eu", "WORKER_MODELS": "wan-2.2"])

        @Test func `what only one worker can do is done there, and what nobody can do waits and says so`()
            async throws
        {
            try await Pipeline.with([Self.small, Self.large]) { pipeline in
                try await eventually("both are there") {
                    try await pipeline.client.workers().count { $0.state == .active } == 2
                }
                let shown = try #require(try await pipeline.client.workers().first { $0.name == "large" })
                #expect(shown.vramMiB == 24_576 && shown.models == ["wan-2.2"] && shown.labels["zone"] == "eu")

                let impossible = try await pipeline.submit(
                    #"{"noop": {"tasks": 3}, "policy": {"requires": {"vram_mib": 81920}}}"#)
                let task = try #require(try await pipeline.client.tasks(TaskFilter(run: impossible)).data.first)
                let why = try await pipeline.client.why(task.id)
                #expect(why.causes.map(\.code) == [.noCapableWorker])
                #expect(why.workers.map(\.isAble) == [false, false])

                let demanding = try await pipeline.submit(
                    """
                    {"noop": {"tasks": 6, "sleep_ms": 20},
                     "policy": {"attempts_max": 1, "requires": {"vram_mib": 16384, "labels": {"zone": "eu"}}}}
                    """)
                #expect(try await pipeline.ended(demanding).state == .succeeded)
                let elsewhere = try await pipeline.number(
                    """
                    SELECT count(*)::int AS n FROM attempts a JOIN workers w ON w.id = a.worker_id
                    JOIN tasks t ON t.id = a.task_id WHERE t.run_id = \(demanding.uuid) AND w.name <> 'large'
                    """)
                #expect(elsewhere == 0)

                let port = pipeline.programs.httpPort
                try await eventually("the gauges tell of it") {
                    let open = try await PipelineHTTP.metric("tasks{", #"kind="noop""#, port: port)
                    let parked = try await PipelineHTTP.metric("tasks_parked", "capability", port: port)
                    return open == 3 && parked == 3
                }
                #expect(try await PipelineHTTP.metric("workers", #""active""#, port: port) == 2)
                #expect(try await PipelineHTTP.metric("task_oldest_wait_seconds", "noop", port: port) > 0)
                _ = try await pipeline.client.control(.cancel, run: impossible)
                #expect(try await pipeline.ended(impossible).state == .canceled)
                #expect(try await pipeline.number("SELECT count(*)::int AS n FROM attempts") == 6)
            }
        }
    }
}
