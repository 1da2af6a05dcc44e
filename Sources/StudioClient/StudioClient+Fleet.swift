import FoundationEssentials
import NIOHTTP1
package import StudioCore

extension StudioClient {
    package func workers() async throws -> [WorkerRecord] {
        let list: RecordList<WorkerRecord> = try await transport.answer(to: Call(.GET, "/v1/workers")).decode()
        return list.data
    }

    /// Has a worker take work, take none for now, or end when it is done; answers it as it is afterwards.
    package func want(_ state: DesiredWorkerState, of worker: WorkerID) async throws -> WorkerRecord {
        var call = Call(.PATCH, "/v1/workers/\(worker)")
        call.body = try JSONEncoder().encode(["desired_state": state.rawValue])
        call.headers = [("content-type", "application/json")]
        return try await transport.answer(to: call).decode()
    }

    package func queueStats() async throws -> QueueStats {
        try await transport.answer(to: Call(.GET, "/v1/queue_stats")).decode()
    }

    /// Returns when the server is there and ready; asks once.
    package func ready() async throws {
        _ = try await transport.onceAnswer(to: Call(.GET, "/readyz"))
    }
}
