import FoundationEssentials
import Postgres
package import StudioCore

/// What attempts have cost.
extension RunStore {
    /// Every attempt of a task, the first one first; `nil` when the tenant has none of this id.
    package func attempts(of task: TaskID, tenant: TenantID) async throws -> [AttemptEntry]? {
        let rows = try await client.query(
            """
            SELECT t.id, a.attempt, a.worker_id, a.worker_name, a.outcome, a.error_class, a.code, a.detail,
                a.claimed_at, a.ended_at, a.queue_seconds, a.download_seconds, a.load_seconds, a.compute_seconds,
                a.upload_seconds, \(fragment: Self.wasted) AS wasted
            FROM tasks t LEFT JOIN attempts a ON a.task_id = t.id
            WHERE t.tenant_id = \(tenant.uuid) AND t.id = \(task.uuid) ORDER BY a.attempt
            """)
        guard !rows.isEmpty else { return nil }
        return try rows.compactMap { row in
            guard let number = try row.decode("attempt", as: Int?.self) else { return nil }
            return AttemptEntry(
                n: number, worker: try row.id("worker_id"), workerName: try row.decode("worker_name"),
                outcome: try row.decode("outcome"), reason: try Self.reason(row),
                startedAt: try row.decode("claimed_at"),
                finishedAt: try row.decode("ended_at"),
                seconds: AttemptEntry.Times(
                    queue: try row.decode("queue_seconds"), download: try row.decode("download_seconds"),
                    load: try row.decode("load_seconds"), compute: try row.decode("compute_seconds"),
                    upload: try row.decode("upload_seconds"), wasted: try row.decode("wasted")))
        }
    }

    private static func reason(_ row: Row) throws -> ReasonRecord? {
        guard let raw = try row.decode("error_class", as: String?.self), let errorClass = ErrorClass(rawValue: raw)
        else {
            return nil
        }
        return ReasonRecord(
            TaskFailure(
                errorClass, code: try row.decode("code", as: String?.self) ?? "",
                detail: try row.decode("detail", as: String?.self) ?? ""))
    }

    /// What an attempt `a` that led to nothing has taken, on the database's clock.
    static let wasted: SQL = """
        CASE WHEN a.outcome = 'succeeded' OR a.ended_at IS NULL THEN 0
            ELSE extract(epoch FROM a.ended_at - a.claimed_at) END::float8
        """

    /// The sums over attempts `a` that ``spent(_:)`` reads.
    static let spent: SQL = """
        count(a.attempt)::int AS attempts, coalesce(sum(a.queue_seconds), 0)::float8 AS queue_seconds,
        coalesce(sum(a.load_seconds), 0)::float8 AS load_seconds,
        coalesce(sum(a.compute_seconds), 0)::float8 AS compute_seconds,
        coalesce(sum(a.upload_seconds), 0)::float8 AS upload_seconds,
        coalesce(sum(\(fragment: wasted)), 0)::float8 AS wasted_seconds
        """

    static func spent(_ row: Row) throws -> SpentTimes {
        SpentTimes(
            attempts: try row.decode("attempts"), queue: try row.decode("queue_seconds"),
            load: try row.decode("load_seconds"), compute: try row.decode("compute_seconds"),
            upload: try row.decode("upload_seconds"), wasted: try row.decode("wasted_seconds"))
    }

    /// What a run's attempts have cost, in all and by shot; `nil` when there is no such run.
    package func spent(by run: RunID, tenant: TenantID) async throws -> SpentRecord? {
        let total = try await client.query(
            """
            SELECT r.id, \(fragment: Self.spent)
            FROM runs r LEFT JOIN tasks t ON t.run_id = r.id LEFT JOIN attempts a ON a.task_id = t.id
            WHERE r.tenant_id = \(tenant.uuid) AND r.id = \(run.uuid) GROUP BY r.id
            """
        ).first
        guard let total else { return nil }
        let rows = try await client.query(
            """
            SELECT s.name, \(fragment: Self.spent)
            FROM shots s JOIN tasks t ON t.shot_id = s.id AND t.run_id = s.run_id
                LEFT JOIN attempts a ON a.task_id = t.id
            WHERE s.run_id = \(run.uuid) GROUP BY s.name
            """)
        let shots = try rows.map { (try $0.decode("name", as: String.self), try Self.spent($0)) }
        return SpentRecord(run: run, total: try Self.spent(total), shots: Dictionary(shots) { first, _ in first })
    }
}
