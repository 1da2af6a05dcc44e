package import Postgres
package import StudioCore

/// What the rows say of the objects in the store; of all tenants, for the services that look after the store.
package struct ArtifactStore: Sendable {
    /// A visible artifact, as far as the object store can tell whether it is there.
    package struct Visible: Sendable {
        package let id: ArtifactID
        package let run: RunID
        package let objectKey: String
        package let size: Int64
    }

    private let client: PostgresClient

    package init(client: PostgresClient) {
        self.client = client
    }

    /// What each object is, in one statement, so that all is of one moment.
    ///
    /// `dead` stays so for ever. The row of an artifact is written in the transaction that takes the report of its
    /// attempt, which must be the task's newest one and under a lease. An attempt that is not, and has no row, cannot
    /// become so again: attempts are only ever counted up, and a lease begins with a new attempt. A report that commits
    /// meanwhile ends the lease and writes the row at once: one moment shows either the lease or the row.
    ///
    /// - Returns: one standing for each key, in their order.
    package func standings(of keys: [ObjectKey]) async throws -> [ObjectStanding] {
        guard !keys.isEmpty else { return [] }
        let rows = try await client.query(
            """
            SELECT CASE
                WHEN EXISTS (SELECT FROM artifacts a WHERE a.object_key = c.key) THEN 'visible'
                WHEN t.id IS NULL OR t.attempt < c.attempt THEN 'unknown'
                WHEN t.attempt = c.attempt AND t.state IN ('running', 'canceling') THEN 'live'
                ELSE 'dead' END AS standing
            FROM unnest(
                \(keys.map(\.description))::text[], \(keys.map(\.run.uuid))::uuid[], \(keys.map(\.task.uuid))::uuid[],
                \(keys.map { Int64($0.attempt) })::bigint[]
            ) WITH ORDINALITY AS c(key, run, task, attempt, place)
            LEFT JOIN tasks t ON t.id = c.task AND t.run_id = c.run
            ORDER BY c.place
            """)
        return try rows.map { try $0.value("standing") }
    }

    /// The next visible artifacts in the order of their identifiers, those after `last`.
    package func visible(after last: ArtifactID?, limit: Int) async throws -> [Visible] {
        try await client.query(
            """
            SELECT id, run_id, object_key, size FROM artifacts
            WHERE id > coalesce(\(optional: last?.uuid)::uuid, '00000000-0000-0000-0000-000000000000')
            ORDER BY id LIMIT \(limit)
            """
        ).map { row in
            Visible(
                id: try row.id("id"), run: try row.id("run_id"), objectKey: try row.decode("object_key"),
                size: try row.decode("size"))
        }
    }

    /// Whether an artifact is still there: a run that is done once more gives its old ones up.
    package func isVisible(_ artifact: ArtifactID) async throws -> Bool {
        try await client.query("SELECT 1 FROM artifacts WHERE id = \(artifact.uuid)").isEmpty == false
    }
}
