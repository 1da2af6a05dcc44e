import Chaos
import DevStack
import Foundation
import Postgres
import StudioClient
import StudioCore
import StudioProto
import Testing

extension PipelineSuite {
    /// What becomes of attempts between the end of their computing and their report.
    @Suite struct UploadTests {
        private static let audio = "audio-1"
        /// A line a shot and one piece of music.
        private static let sounds = 5
        /// With attempts to spare: the tests decide when they stop to fail.
        private static let specification = """
            {
                "policy": {"attempts_max": 10},
                "film": {"title": "Stalled", "fps": 24, "size": "320x180", "seed": 3},
                "characters": {"mara": {"description": "pilot", "voice": "slt"}},
                "music": [{"prompt": "slow cello", "from": "0s", "to": "end", "gain_db": -10}],
                "shots": [
                    {"id": "s01", "duration": "24f", "video": {"prompt": "Fog"},
                     "dialogue": [{"by": "mara", "at": "0s", "line": "One."}]},
                    {"id": "s02", "duration": "24f", "video": {"prompt": "Rain"},
                     "dialogue": [{"by": "mara", "at": "0s", "line": "Two."}]},
                    {"id": "s03", "duration": "24f", "video": {"prompt": "Snow"},
                     "dialogue": [{"by": "mara", "at": "0s", "line": "Three."}]},
                    {"id": "s04", "duration": "24f", "video": {"prompt": "Sun"},
                     "dialogue": [{"by": "mara", "at": "0s", "line": "Four."}]}
                ]
            }
            """

        @Test func `a worker killed while it uploads without a slot loses nothing, and had begun the next tasks`()
            async throws
        {
            var services = try PipelineServices.shared()
            let store = try #require(URLComponents(string: services.s3.endpoint))
            let proxy = try FaultProxy(to: try #require(store.port))
            defer { proxy.close() }
            services.s3.endpoint = "http://127.0.0.1:\(proxy.port)"
            let workers = [
                PipelineWorker(
                    name: Self.audio, kinds: [.audio], slots: 1, environment: ["WORKER_UPLOADS_MAX": "2"]),
                PipelineWorker(name: "media-1", kinds: [.video]),
            ]
            try await Pipeline.with(workers, composer: true, on: services) { pipeline in
                // Whatever fails: the end of the test removes objects.
                defer { proxy.set(.none) }
                proxy.set(.silent)
                let run = try await pipeline.submit(Self.specification)
                // Two that upload, and one that keeps the only slot until it has done so.
                try await eventually("three sounds are made and none can be uploaded", within: .seconds(60)) {
                    try await Self.uploading(run, pipeline) == 3
                }
                #expect(try await Self.attempts(of: run, pipeline) == 3, "the number of uploads is bounded")
                let lane = Lane(kind: .audio, priority: .batch).queue
                #expect(try await pipeline.broker.depth(of: lane) == Self.sounds - 3, "no hint is hoarded")
                try await pipeline.crash(Self.audio)
                proxy.set(.none)
                try await pipeline.succeeded(run, within: .seconds(90))
                #expect(try await pipeline.attempts("expired") >= 3, "what was under way is taken over")
                #expect(try await Self.attempts(of: run, pipeline) >= Self.sounds + 3)
            }
        }

        private static func uploading(_ run: RunID, _ pipeline: Pipeline) async throws -> Int {
            try await pipeline.number(
                """
                SELECT count(*)::int AS n FROM tasks t JOIN workers w ON w.id = t.lease_owner
                WHERE t.run_id = \(run.uuid) AND t.state = 'running' AND t.phase = 'uploading' AND w.name = \(audio)
                """)
        }

        /// The attempts that were made at sounds.
        private static func attempts(of run: RunID, _ pipeline: Pipeline) async throws -> Int {
            try await pipeline.number(
                """
                SELECT count(*)::int AS n FROM attempts a JOIN tasks t ON t.id = a.task_id
                WHERE t.run_id = \(run.uuid) AND t.kind = 'audio' AND a.claimed_at IS NOT NULL
                """)
        }

        @Test func `a report whose object cannot be looked up holds up no other, and is written once it can be`()
            async throws
        {
            var services = try PipelineServices.shared()
            let refused = RefusedObject()
            let proxy = try refused.proxy(to: try #require(URLComponents(string: services.s3.endpoint)?.port))
            defer { proxy.close() }
            services.s3.endpoint = "http://127.0.0.1:\(proxy.port)"
            let worker = PipelineWorker(name: Self.audio, kinds: [.audio], slots: Self.sounds)
            try await Pipeline.with([worker], on: services) { pipeline in
                defer { refused.heal() }
                let run = try await pipeline.submit(Self.specification)
                try await eventually("all reports but one are written", within: .seconds(60)) {
                    try await Self.made(run, pipeline) == Self.sounds - 1
                }
                #expect(refused.path != nil)
                refused.heal()
                try await eventually("the last one is written") { try await Self.made(run, pipeline) == Self.sounds }
                #expect(try await Self.attempts(of: run, pipeline) == Self.sounds, "nothing was done twice")
                // Nobody makes its pictures.
                _ = try await pipeline.client.control(.cancel, run: run)
                #expect(try await pipeline.ended(run).state == .canceled)
                try await Invariants.check(client: pipeline.database, objects: pipeline.objects)
            }
        }

        private static func made(_ run: RunID, _ pipeline: Pipeline) async throws -> Int {
            try await pipeline.number(
                """
                SELECT count(*)::int AS n FROM tasks
                WHERE run_id = \(run.uuid) AND kind = 'audio' AND state = 'succeeded'
                """)
        }

        @Test func `a report that is lost with its queue is sent again, and nothing is done twice`() async throws {
            try await Pipeline.with([PipelineWorker(name: "noop-1", kinds: [.noop], slots: 1)]) { pipeline in
                let run = try await pipeline.submitNoop(1, sleepMilliseconds: 1_000)
                try await pipeline.untilBusy("noop-1")
                try #require(await pipeline.supervisor.kill(PipelinePrograms.hub))
                await pipeline.supervisor.take(down: PipelinePrograms.hub)
                try await eventually("the report waits for a hub") {
                    try await pipeline.broker.depth(of: Wire.eventQueue) == 1
                }
                try await pipeline.broker.purge(Wire.eventQueue)
                try await pipeline.supervisor.bring(up: PipelinePrograms.hub)
                try await pipeline.succeeded(run, within: .seconds(90))
                #expect(try await pipeline.number("SELECT max(attempt) AS n FROM tasks") == 1)
            }
        }

        @Test func `an attempt with an empty output has failed, is tried again, and nobody sees the output`()
            async throws
        {
            let empty = PipelineWorker(
                name: "media-empty", slots: 4, environment: ["MOCK_FAULTS": "empty=100%"])
            let honest = PipelineWorker(
                name: "media-honest", slots: 4, environment: ["MOCK_LOAD_SECONDS": "0.05"])
            try await Pipeline.with([empty, honest], composer: true) { pipeline in
                await pipeline.supervisor.take(down: honest.name)
                let run = try await pipeline.submit(Self.specification)
                try await eventually("an attempt has failed", within: .seconds(60)) {
                    try await Self.empties(pipeline) >= 1
                }
                #expect(try await pipeline.number("SELECT count(*)::int AS n FROM artifacts") == 0)
                await pipeline.supervisor.take(down: empty.name)
                try await pipeline.supervisor.bring(up: honest.name)
                try await pipeline.succeeded(run, within: .seconds(90))
                #expect(try await Self.empties(pipeline) == pipeline.attempts("failed"))
                // The same run shows that time spent on loading models reaches the ledger.
                #expect(try await pipeline.client.spent(by: run).total.load >= 0.05)
            }
        }

        private static func empties(_ pipeline: Pipeline) async throws -> Int {
            try await pipeline.number(
                """
                SELECT count(*)::int AS n FROM attempts
                WHERE outcome = 'failed' AND error_class = 'temporary' AND code = 'output_empty'
                """)
        }

        @Test func `a task that kills its workers is set aside as poison`() async throws {
            let worker = PipelineWorker(
                name: "noop-1", kinds: [.noop], slots: 1, environment: ["MOCK_FAULTS": "crash=100%"])
            try await Pipeline.with([worker]) { pipeline in
                let run = try await pipeline.submitNoop(1, attemptsMax: 10)
                let record = try await pipeline.ended(run, within: .seconds(90))
                #expect(record.state == .failed)
                let task = try #require(try await pipeline.client.tasks(TaskFilter(run: run)).data.first)
                #expect(task.reason?.category == .poison)
                #expect(try await pipeline.attempts("expired") == RetryPolicy.standard.deathsMax)
                #expect(await pipeline.supervisor.restarts(of: worker.name) >= RetryPolicy.standard.deathsMax)
                try await Invariants.check(client: pipeline.database, objects: pipeline.objects)
            }
        }
    }
}
