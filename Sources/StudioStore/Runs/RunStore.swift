package import Postgres

/// Runs, shots, tasks, events and artifacts as the API writes and reads them, always within one tenant.
package struct RunStore: Sendable {
    package let client: PostgresClient

    package init(client: PostgresClient) {
        self.client = client
    }

    /// Returns when the database answers.
    package func ping() async throws {
        _ = try await client.query("SELECT 1")
    }
}
