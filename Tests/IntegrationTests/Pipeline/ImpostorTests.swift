import AMQP
import DevStack
import Foundation
import Postgres
import ProgramSettings
import StudioClient
import StudioCore
import StudioProto
import StudioStore
import SwiftProtobuf
import Testing
import WorkerHub
import WorkerRuntime

extension PipelineSuite {
    /// Messages and workers that are in good form, and not what they say they are.
    @Suite struct ImpostorTests {
        @Test func `what is forged, foreign or expired is refused and counted, and a film after it finishes`()
            async throws
        {
            let workers = [PipelineWorker(name: "noop-a", kinds: [.noop]), PipelineWorker(name: "media")]
            try await Pipeline.with(workers, composer: true) { pipeline in
                let done = try await pipeline.submitNoop(1)
                try await pipeline.succeeded(done)
                try await Self.sendHints(pipeline)
                try await Self.reportForged(done, pipeline)
                try await Self.callWithWrongTokens(done, pipeline)
                // Only the task of the run that had ended before was ever begun.
                #expect(try await pipeline.number("SELECT count(*)::int AS n FROM attempts") == 1)
                let film = try await pipeline.submit(PipelineFilm.specification)
                try await pipeline.succeeded(film)
            }
        }

        /// How often the hub has counted something.
        private static func count(_ metric: String, _ label: String, _ pipeline: Pipeline) async throws -> Int {
            Int(try await PipelineHTTP.metric(metric, label, port: pipeline.programs.hubHealthPort))
        }

        private static func publish(
            _ body: [UInt8], _ exchange: String, _ key: String, _ pipeline: Pipeline
        ) async throws {
            try await pipeline.broker.withPublisher { publisher in
                let outcome = try await publisher.publish(
                    AMQPMessage(body: body, messageID: "impostor"), exchange: exchange, routingKey: key)
                #expect(outcome == .confirmed)
            }
        }

        /// Hints for a task that is not there, and for one of another tenant that this worker may not have.
        private static func sendHints(_ pipeline: Pipeline) async throws {
            let lane = Lane(kind: .noop, priority: .batch).queue
            func hint(_ task: TaskID) throws -> [UInt8] {
                try WireTaskMessage.with {
                    $0.version = Wire.version
                    $0.taskID = task.description
                }.serializedBytes()
            }
            let stale = try await count("claims_total", "stale", pipeline)
            try await publish(try hint(TaskID()), Wire.taskExchange, lane, pipeline)
            try await eventually("a task that is not there is stale") {
                try await count("claims_total", "stale", pipeline) > stale
            }
            let foreign = try await foreignRun(pipeline)
            let runs = RunStore(client: pipeline.database)
            let tasks = try await runs.tasks(
                TaskFilter(run: foreign.id), after: nil, limit: 1, tenant: foreign.tenant
            ).items
            try await publish(try hint(try #require(tasks.first).id), Wire.taskExchange, lane, pipeline)
            try await eventually("a worker that may not have it is turned away") {
                try await count("claims_total", "turned_away", pipeline) == 1
            }
            #expect(try await pipeline.broker.depth(of: Wire.deadQueue) == 0, "a hint is no more than a hint")
            _ = try await runs.control(.cancel, run: foreign.id, tenant: foreign.tenant)
        }

        /// A run of another tenant, with a task of a kind that the workers of the no-op lane do not serve.
        private static func foreignRun(_ pipeline: Pipeline) async throws -> NewRun {
            let tenant = TenantID()
            try await pipeline.database.execute(
                "INSERT INTO tenants (id, name) VALUES (\(tenant.uuid), 'another')")
            let prompts = PromptsSpec(title: "", style: "", seed: 1, shots: [])
            let task = PlannedTask(
                key: "prompts", shot: nil, spec: .prompts(prompts), dependencies: [], attemptsMax: 1,
                requirements: TaskRequirements(labels: ["nobody": "has-it"]))
            let plan = RunPlan(
                title: "foreign", profile: DeliveryProfile(width: 64, height: 64, frameRate: FrameRate(24)),
                priority: .batch, frames: 0, shots: [], entities: [], tasks: [task])
            let run = NewRun(tenant: tenant, specification: "{}", plan: plan)
            _ = try await RunStore(client: pipeline.database).createRun(run)
            return run
        }

        /// A report of an attempt that nobody was granted, with the good token of one that somebody was.
        private static func reportForged(_ run: RunID, _ pipeline: Pipeline) async throws {
            let attempt = try await Self.attempt(of: run, pipeline)
            let event = WireTaskEvent.with {
                $0.version = Wire.version
                $0.taskID = attempt.task.description
                $0.attempt = 2
                $0.workerID = attempt.worker.description
                $0.token = attempt.token
                $0.failed = WireFailed.with { $0.errorClass = "user_error" }
            }
            try await publish(try event.serializedBytes(), Wire.eventExchange, Wire.eventQueue, pipeline)
            try await eventually("the report is set aside") { try await pipeline.broker.depth(of: Wire.deadQueue) == 1 }
            #expect(try await count("reports_refused_total", "forged", pipeline) == 1)
        }

        private typealias EndedAttempt = (task: TaskID, worker: WorkerID, token: String)

        /// The first attempt at a run's only task, with the token that its worker was given.
        private static func attempt(of run: RunID, _ pipeline: Pipeline) async throws -> EndedAttempt {
            let rows = try await pipeline.database.query(
                """
                SELECT a.task_id, a.worker_id FROM attempts a JOIN tasks t ON t.id = a.task_id
                WHERE t.run_id = \(run.uuid) AND a.attempt = 1
                """)
            let row = try #require(rows.first)
            let task = TaskID(try row.decode("task_id", as: UUID.self))
            let worker = WorkerID(try row.decode("worker_id", as: UUID.self))
            let token = AttemptTokens(secret: pipeline.programs.hubSecret).token(task: task, attempt: 1, worker: worker)
            return (task, worker, token)
        }

        private static func callWithWrongTokens(_ run: RunID, _ pipeline: Pipeline) async throws {
            let ended = try await attempt(of: run, pipeline)
            let name = AttemptName(task: ended.task, attempt: 1)
            let file = UploadDeclaration(
                name: "video.mp4", contentType: "video/mp4", size: 1, sha256: String(repeating: "0", count: 64))
            let token = try #require(pipeline.programs.environment["WORKER_TOKEN"])
            try await calling(as: WorkerID(), token: "another-token-0123456789", pipeline) { stranger in
                let error = await #expect(throws: HubError.self) {
                    try await stranger.claim(task: ended.task, attempt: 0)
                }
                #expect(error?.code == .refused)
            }
            try await calling(as: WorkerID(), token: token, pipeline) { thief in
                let error = await #expect(throws: HubError.self) {
                    try await thief.grantUploads(name, token: ended.token, files: [file])
                }
                #expect(error?.code == .fenced, "the token is another worker's")
            }
            try await calling(as: ended.worker, token: token, pipeline) { latecomer in
                let error = await #expect(throws: HubError.self) {
                    try await latecomer.grantUploads(name, token: ended.token, files: [file])
                }
                #expect(error?.code == .fenced, "the attempt is over, and its token with it")
            }
            for code in ["unauthenticated", "permissionDenied", "failedPrecondition"] {
                #expect(try await count("grpc_server_handled_total", "\"\(code)\"", pipeline) == 1, "\(code)")
            }
        }

        private static func calling(
            as worker: WorkerID, token: String, _ pipeline: Pipeline, _ body: (HubClient) async throws -> Void
        ) async throws {
            let address = try #require(ListenAddress(pipeline.programs.environment["HUB_ADDRESS"] ?? ""))
            let client = try HubClient(HubEndpoint(address: address, token: token), worker: worker)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await client.run() }
                defer { group.cancelAll() }
                try await body(client)
            }
        }
    }
}
