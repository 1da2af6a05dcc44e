import Chaos
import DevStack
import Foundation
import Postgres
import StudioClient
import StudioCore
import Testing

extension PipelineSuite {
    /// What users ask of runs and workers, through every program.
    @Suite struct ControlTests {
        @Test func `a canceled run's worker is told at once, and its task stops`() async throws {
            try await Pipeline.with([PipelineWorker(name: "noop-1", kinds: [.noop], slots: 4)]) { pipeline in
                let run = try await pipeline.submitNoop(12, sleepMilliseconds: 60_000)
                try await pipeline.untilBusy("noop-1", tasks: 4)
                let asked = ContinuousClock.now
                #expect(try await pipeline.client.control(.cancel, run: run).state == .canceling)
                let record = try await pipeline.ended(run, within: .seconds(20))
                #expect(record.state == .canceled)
                // The tasks sleep for a minute: nothing but being told has ended them.
                #expect(ContinuousClock.now - asked < .seconds(20))
                #expect(try await pipeline.attempts("canceled") == 4)
                try await Invariants.check(client: pipeline.database, objects: pipeline.objects)
            }
        }

        @Test func `a paused run begins nothing new and goes on when resumed`() async throws {
            try await Pipeline.with([PipelineWorker(name: "noop-1", kinds: [.noop], slots: 2)]) { pipeline in
                let run = try await pipeline.submitNoop(30, sleepMilliseconds: 200)
                try await pipeline.untilBusy("noop-1")
                #expect(try await pipeline.client.control(.pause, run: run).state == .paused)
                try await eventually("what runs has ended") {
                    try await pipeline.number("SELECT count(*)::int AS n FROM tasks WHERE state = 'running'") == 0
                }
                let record = try await pipeline.client.run(run)
                #expect(record.state == .paused)
                #expect(record.tasks.terminal < 30)
                _ = try await pipeline.client.control(.resume, run: run)
                try await pipeline.succeeded(run)
            }
        }

        @Test func `a retried run does its canceled tasks, and those only`() async throws {
            try await Pipeline.with([PipelineWorker(name: "noop-1", kinds: [.noop], slots: 1)]) { pipeline in
                let run = try await pipeline.submitNoop(6, sleepMilliseconds: 300)
                try await eventually("some have succeeded") {
                    try await pipeline.client.run(run).tasks.terminal >= 2
                }
                _ = try await pipeline.client.control(.cancel, run: run)
                #expect(try await pipeline.ended(run).state == .canceled)
                _ = try await pipeline.client.control(.retry(.failed), run: run)
                try await pipeline.succeeded(run)
                #expect(try await pipeline.attempts("succeeded") == 6)
            }
        }

        @Test func `a run past its deadline is given up`() async throws {
            try await Pipeline.with([PipelineWorker(name: "noop-1", kinds: [.noop], slots: 1)]) { pipeline in
                let run = try await pipeline.submit(
                    #"{"noop": {"tasks": 3, "sleep_ms": 60000}, "policy": {"deadline": "2s"}}"#)
                let record = try await pipeline.ended(run, within: .seconds(30))
                #expect(record.state == .failed)
                #expect(record.reason?.code == "deadline_exceeded")
                try await Invariants.check(client: pipeline.database, objects: pipeline.objects)
            }
        }

        @Test func `a paused worker takes nothing, and says why; resumed, it works on`() async throws {
            try await Pipeline.with([PipelineWorker(name: "noop-1", kinds: [.noop], slots: 2)]) { pipeline in
                try await eventually("the worker is there") { try await !pipeline.client.workers().isEmpty }
                let worker = try #require(try await pipeline.client.workers().first)
                #expect(try await pipeline.client.want(.paused, of: worker.id).state == .paused)
                let run = try await pipeline.submitNoop(3)
                let task = try #require(try await pipeline.client.tasks(TaskFilter(run: run)).data.first)
                let why = try await pipeline.client.why(task.id)
                #expect(why.workers.map(\.isAble) == [false])
                #expect(try await pipeline.number("SELECT count(*)::int AS n FROM attempts") == 0)
                _ = try await pipeline.client.want(.active, of: worker.id)
                try await pipeline.succeeded(run)
            }
        }

        @Test func `a paused worker that is made active while the hub is away works on when it is back`()
            async throws
        {
            try await Pipeline.with([PipelineWorker(name: "noop-1", kinds: [.noop], slots: 2)]) { pipeline in
                try await eventually("the worker is there") { try await !pipeline.client.workers().isEmpty }
                let worker = try #require(try await pipeline.client.workers().first)
                _ = try await pipeline.client.want(.paused, of: worker.id)
                try await eventually("the worker has been told") {
                    try pipeline.log(of: "noop-1").contains("Takes no new work")
                }
                await pipeline.supervisor.take(down: PipelinePrograms.hub)
                _ = try await pipeline.client.want(.active, of: worker.id)
                try await pipeline.supervisor.bring(up: PipelinePrograms.hub)
                try await pipeline.succeeded(try await pipeline.submitNoop(3))
            }
        }
    }
}
