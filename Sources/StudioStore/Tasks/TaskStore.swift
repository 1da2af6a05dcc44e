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
    package let retryBudget: RetryBudget

    package init(
        client: PostgresClient, retryPolicy: RetryPolicy = .standard, retryBudget: RetryBudget = .standard
    ) {
        self.client = client
        self.retryPolicy = retryPolicy
        self.retryBudget = retryBudget
    }
}

extension TaskStore {
    /// What is needed to judge the files of a task.
    package struct Order: Sendable {
        package let run: RunID
        /// `nil` for a task that makes no files, and for one of a newer program, which this one cannot judge.
        package let spec: TaskSpec?
    }

    /// What tasks were to make; a task that does not exist has no order.
    package func orders(of tasks: [TaskID]) async throws -> [TaskID: Order] {
        let rows = try await client.query(
            """
            SELECT id, run_id, CASE WHEN cardinality(outputs) > 0 THEN spec::text END AS spec FROM tasks
            WHERE id = ANY(\(tasks.map(\.uuid))::uuid[])
            """)
        let orders = try rows.map { row in
            let spec: String? = try row.decode("spec")
            return (
                try row.id("id") as TaskID,
                Order(run: try row.id("run_id"), spec: spec.flatMap { try? JSONText.decode($0) })
            )
        }
        return Dictionary(orders) { first, _ in first }
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
