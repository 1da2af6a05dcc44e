import DevStack
import Postgres
import StudioClient
import StudioCore
import StudioProto
import Testing

extension PipelineSuite {
    @Suite struct HintTests {
        @Test func `hints that the broker lost are sent again, and a deleted queue is made again`() async throws {
            let worker = PipelineWorker(name: "noop-a", kinds: [.noop], slots: 4)
            let purged = Lane(kind: .noop, priority: .batch).queue
            let deleted = Lane(kind: .noop, priority: .interactive).queue
            try await Pipeline.with([worker]) { pipeline in
                await pipeline.supervisor.take(down: worker.name)
                let first = try await pipeline.submitNoop(20, priority: .batch)
                let second = try await pipeline.submitNoop(20, priority: .interactive)
                for queue in [purged, deleted] {
                    try await eventually("the hints are in \(queue)") {
                        try await pipeline.broker.depth(of: queue) == 20
                    }
                }
                try await pipeline.broker.purge(purged)
                try await pipeline.broker.delete(deleted)
                #expect(try await pipeline.broker.depth(of: purged) == 0)
                try await eventually("the queue is made again, with its hints", within: .seconds(40)) {
                    try await pipeline.broker.depth(of: deleted) == 20
                }
                try await pipeline.supervisor.bring(up: worker.name)
                try await pipeline.succeeded(first)
                try await pipeline.succeeded(second)
                #expect(try await pipeline.attempts("succeeded") == 40)
                #expect(try await pipeline.number("SELECT max(attempt) AS n FROM tasks") == 1)
                let lost = try await PipelineHTTP.metric("hints_lost_total", port: pipeline.programs.httpPort)
                #expect(lost >= 40)
            }
        }

        /// Neither of these queues has anything to do with the run, or none but its reports.
        @Test(arguments: [Lane(kind: .noop, priority: .interactive).queue, Wire.eventQueue])
        func `a queue that is deleted while nobody writes to it does not hold up the others`(queue: String)
            async throws
        {
            try await Pipeline.with([PipelineWorker(name: "noop-a", kinds: [.noop], slots: 4)]) { pipeline in
                try await pipeline.broker.delete(queue)
                let run = try await pipeline.submitNoop(20, priority: .batch)
                try await pipeline.succeeded(run, within: .seconds(40))
                #expect(try await pipeline.attempts("succeeded") == 20)
            }
        }
    }
}
