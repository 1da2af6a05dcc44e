package import Postgres
package import StudioCore

/// Every statement that changes the state of tasks: claims, leases, reports and hints.
///
/// Each change is guarded by the state and the attempt it was decided for; what no longer fits is stale, not an error.
package struct TaskStore: Sendable {
    /// How often a transaction that lost a conflict with another one is tried again.
    static let conflictsMax = 3

    package let client: PostgresClient
    package let retryPolicy: RetryPolicy

    package init(client: PostgresClient, retryPolicy: RetryPolicy = .standard) {
        self.client = client
        self.retryPolicy = retryPolicy
    }
}

extension TaskStore {
    /// The runs that tasks belong to; a task that does not exist has none.
    package func runs(of tasks: [TaskID]) async throws -> [TaskID: RunID] {
        let rows = try await client.query(
            "SELECT id, run_id FROM tasks WHERE id = ANY(\(tasks.map(\.uuid))::uuid[])")
        return Dictionary(try rows.map { (try $0.id("id"), try $0.id("run_id")) }) { first, _ in first }
    }

    /// Whether the same call can never succeed: its values are at fault, not the database.
    package func isHopeless(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return error is EncodingError }
        switch error.code {
        case .encodingFailed, .decodingFailed: return true
        case .statementFailed:
            // Data exceptions and broken constraints.
            return ["22", "23"].contains(error.sqlState?.errorClass ?? "")
        default: return false
        }
    }
}

extension TaskStore {
    /// Returns when the database answers.
    package func ping() async throws {
        _ = try await client.query("SELECT 1")
    }
}
