import DevStack
import Foundation
import Postgres
import StudioClient
import StudioCore
import Testing

extension PipelineSuite {
    /// Who goes first on a worker that does one thing at a time.
    @Suite struct PriorityTests {
        private static let worker = PipelineWorker(name: "noop-1", kinds: [.noop], slots: 1)

        @Test func `an interactive task is begun before what waits in batch`() async throws {
            try await Pipeline.with([Self.worker]) { pipeline in
                let batch = try await pipeline.submitNoop(80, sleepMilliseconds: 100)
                try await pipeline.untilBusy("noop-1")
                let urgent = try await pipeline.submitNoop(3, sleepMilliseconds: 100, priority: .interactive)
                #expect(try await pipeline.ended(urgent).state == .succeeded)
                #expect(try await pipeline.client.run(batch).isTerminal == false)
                // The one that ran, and perhaps the next, before the hints were there.
                let before = try await pipeline.number(
                    """
                    SELECT count(*)::int AS n FROM attempts a JOIN tasks t ON t.id = a.task_id
                    WHERE t.run_id = \(batch.uuid)
                        AND a.claimed_at > (SELECT created_at FROM runs WHERE id = \(urgent.uuid))
                        AND a.claimed_at < (
                            SELECT max(u.claimed_at) FROM attempts u JOIN tasks v ON v.id = u.task_id
                            WHERE v.run_id = \(urgent.uuid))
                    """)
                #expect(before <= 3)
                _ = try await pipeline.client.control(.cancel, run: batch)
                #expect(try await pipeline.ended(batch).state == .canceled)
            }
        }

        @Test func `batch is not starved by interactive tasks that never end`() async throws {
            try await Pipeline.with([Self.worker]) { pipeline in
                let first = try await pipeline.submitNoop(1, sleepMilliseconds: 500, priority: .interactive)
                try await pipeline.untilBusy("noop-1")
                let urgent = try await pipeline.submitNoop(250, sleepMilliseconds: 20, priority: .interactive)
                let batch = try await pipeline.submitNoop(3)
                #expect(try await pipeline.ended(batch).state == .succeeded)
                #expect(try await pipeline.client.run(urgent).isTerminal == false)
                #expect(try await pipeline.ended(urgent).state == .succeeded)
                try await pipeline.succeeded(first)
            }
        }
    }
}
