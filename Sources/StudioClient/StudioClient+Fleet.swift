import NIOHTTP1
package import StudioCore

extension StudioClient {
    package func workers() async throws -> [WorkerRecord] {
        let list: RecordList<WorkerRecord> = try await transport.answer(to: Call(.GET, "/v1/workers")).decode()
        return list.data
    }

    package func queueStats() async throws -> QueueStats {
        try await transport.answer(to: Call(.GET, "/v1/queue_stats")).decode()
    }

    /// Returns when the server is there and ready; asks once.
    package func ready() async throws {
        _ = try await transport.onceAnswer(to: Call(.GET, "/readyz"))
    }
}
