import AMQP
import DevStack
import Foundation
import Postgres
import StudioCore
import StudioProto
import SwiftProtobuf
import Testing
import WorkerHub

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension PipelineSuite {
    @Suite struct LeaseTests {
        private static let workers = ["noop-a", "noop-b"].map { PipelineWorker(name: $0, kinds: [.noop], slots: 1) }

        @Test func `a worker that sleeps through its lease changes nothing when it wakes up`() async throws {
            try await Pipeline.with(Self.workers) { pipeline in
                let run = try await pipeline.submitNoop(1, sleepMilliseconds: 2_000)
                let sleeper = try await pipeline.holder(of: run)
                try #require(await pipeline.supervisor.kill(sleeper, signal: SIGSTOP))
                try await eventually("the task is taken over", within: .seconds(30)) {
                    try await pipeline.number(
                        "SELECT count(*)::int AS n FROM attempts WHERE attempt = 2 AND claimed_at IS NOT NULL") == 1
                }
                await pipeline.supervisor.kill(sleeper, signal: SIGCONT)
                try await pipeline.succeeded(run)
                #expect(try await pipeline.attempts("expired") == 1)

                // Whether the sleeper itself gave up or was refused is a matter of chance; that its report would have
                // been refused is not.
                try await Self.reportLate(run, pipeline)
                try await eventually("the late report is rejected") {
                    try await PipelineHTTP.metric(
                        "reports_total", "stale_rejected", port: pipeline.programs.hubHealthPort) >= 1
                }
                try await pipeline.succeeded(run)
            }
        }

        /// Reports the first attempt as its worker would have, with its own good token.
        private static func reportLate(_ run: RunID, _ pipeline: Pipeline) async throws {
            let rows = try await pipeline.database.query(
                """
                SELECT a.task_id, a.worker_id FROM attempts a JOIN tasks t ON t.id = a.task_id
                WHERE t.run_id = \(run.uuid) AND a.attempt = 1
                """)
            let row = try #require(rows.first)
            let task = TaskID(try row.decode("task_id", as: UUID.self))
            let worker = WorkerID(try row.decode("worker_id", as: UUID.self))
            let event = WireTaskEvent.with {
                $0.version = Wire.version
                $0.taskID = task.description
                $0.attempt = 1
                $0.workerID = worker.description
                $0.token = AttemptTokens(secret: pipeline.programs.hubSecret)
                    .token(task: task, attempt: 1, worker: worker)
                $0.completed = WireCompleted()
            }
            let body: [UInt8] = try event.serializedBytes()
            try await pipeline.broker.withPublisher { publisher in
                let outcome = try await publisher.publish(
                    AMQPMessage(body: body, messageID: "late"), exchange: Wire.eventExchange,
                    routingKey: Wire.eventQueue)
                #expect(outcome == .confirmed)
            }
        }

        @Test func `a worker told to stop finishes what it has when there is time for it`() async throws {
            try await Pipeline.with(Self.draining(seconds: 20)) { pipeline in
                let run = try await pipeline.submitNoop(2, sleepMilliseconds: 1_500)
                try await pipeline.untilBusy("noop-a")
                await pipeline.supervisor.take(down: "noop-a")
                try await pipeline.succeeded(run)
                #expect(await Self.endedWell("noop-a", pipeline))
                #expect(try await pipeline.attempts("succeeded") == 2)
                #expect(try await pipeline.number("SELECT max(attempt) AS n FROM tasks") == 1)
            }
        }

        @Test func `a worker told to stop at once hands its task back, and that costs no attempt`() async throws {
            try await Pipeline.with(Self.draining(seconds: 0)) { pipeline in
                let run = try await pipeline.submitNoop(2, sleepMilliseconds: 3_000, attemptsMax: 1)
                try await pipeline.untilBusy("noop-a")
                await pipeline.supervisor.take(down: "noop-a")
                #expect(await Self.endedWell("noop-a", pipeline))
                // One attempt is all that these tasks have, so it must be given back.
                try await pipeline.succeeded(run)
                #expect(try await pipeline.attempts("handed_back") == 1)
                #expect(try await pipeline.attempts("expired") == 0)
                #expect(try await pipeline.number("SELECT max(attempts_max - attempt) AS n FROM tasks") == 0)
            }
        }

        private static func draining(seconds: Int) -> [PipelineWorker] {
            workers.map { worker in
                var worker = worker
                worker.environment["WORKER_DRAIN_SECONDS"] = "\(seconds)"
                return worker
            }
        }

        private static func endedWell(_ program: String, _ pipeline: Pipeline) async -> Bool {
            await pipeline.supervisor.statuses().first { $0.name == program }?.exit?.isSuccess ?? false
        }
    }
}
