import FoundationEssentials
import Postgres
package import StudioCore

extension RunStore {
    private static let taskColumns: SQL = """
        t.id, t.run_id, s.name AS shot, t.key, t.kind, t.state, t.phase, t.attempt, t.attempts_max, t.progress_done,
        t.progress_total, t.progress_unit, t.reason::text AS reason, a.worker_name AS worker, t.created_at, t.run_at,
        t.started_at,
        t.finished_at
        FROM tasks t LEFT JOIN shots s ON s.id = t.shot_id
            LEFT JOIN attempts a ON a.task_id = t.id AND a.attempt = t.attempt
        """

    /// In the order of their identifiers; starts above `after`.
    package func tasks(
        _ filter: TaskFilter, after: TaskID?, limit: Int, tenant: TenantID
    ) async throws -> Page<TaskRecord> {
        // Only what is asked for stands in the statement: a plan for all cases would read the tasks of all runs.
        var conditions: [SQL] = ["t.tenant_id = \(tenant.uuid)"]
        if let after { conditions.append("t.id > \(after.uuid)") }
        if let run = filter.run { conditions.append("t.run_id = \(run.uuid)") }
        if !filter.states.isEmpty { conditions.append("t.state = ANY(\(filter.states.map(\.rawValue))::text[])") }
        if !filter.kinds.isEmpty { conditions.append("t.kind = ANY(\(filter.kinds.map(\.rawValue))::text[])") }
        let rows = try await client.query(
            """
            SELECT \(fragment: Self.taskColumns) WHERE \(fragment: conditions.joined(separator: " AND "))
            ORDER BY t.id LIMIT \(limit + 1)
            """)
        return Page(overfetched: try rows.map { try TaskRecord($0) }, limit: limit)
    }

    /// One task, or `nil` when the tenant has none of this id.
    package func task(_ id: TaskID, tenant: TenantID) async throws -> TaskRecord? {
        try await client.query(
            "SELECT \(fragment: Self.taskColumns) WHERE t.tenant_id = \(tenant.uuid) AND t.id = \(id.uuid)"
        ).first.map { try TaskRecord($0) }
    }

    /// Writes down what an operator wants of a worker, and answers it; `nil` when it has not been heard of for an hour.
    ///
    /// One that is to be active is in quarantine no more.
    package func want(_ state: DesiredWorkerState, of worker: WorkerID) async throws -> WorkerRecord? {
        try await client.execute(
            """
            WITH wanted AS (
                UPDATE workers SET desired_state = \(state.rawValue)
                WHERE id = \(worker.uuid) AND last_seen > now() - interval '1 hour' RETURNING name, desired_state
            )
            -- It still gets one task at a time until it has shown that it can.
            UPDATE worker_health h SET quarantined_until = NULL FROM wanted w
            WHERE h.name = w.name AND w.desired_state = 'active' AND h.quarantined_until > now()
            """)
        return try await workers().first { $0.id == worker }
    }

    /// The state of each worker heard of within the last hour.
    private static let workerState: SQL = """
        CASE WHEN w.last_seen < now() - make_interval(secs => \(WorkerFitness.aliveSeconds)) THEN 'lost'
            WHEN w.draining OR w.desired_state = 'draining' THEN 'draining'
            WHEN w.desired_state = 'paused' THEN 'paused'
            WHEN h.quarantined_until > now() THEN 'quarantined' ELSE 'active' END AS state
        FROM workers w LEFT JOIN worker_health h ON h.name = w.name WHERE w.last_seen > now() - interval '1 hour'
        """

    /// How many workers there are in each state; states without any are left out.
    static func workerStates(in transaction: borrowing Transaction) throws -> [WorkerRecord.State: Int] {
        let rows = try transaction.query(
            "SELECT state, count(*)::int AS n FROM (SELECT \(fragment: workerState)) s GROUP BY state")
        return Dictionary(try rows.map { (try $0.value("state"), try $0.decode("n")) }) { first, _ in first }
    }

    /// The workers heard of within the last hour, newest first.
    package func workers() async throws -> [WorkerRecord] {
        let rows = try await client.query(
            """
            SELECT w.id, w.name, w.kinds, w.slots, w.running, w.registered_at, w.last_seen, w.models, w.vram_mib,
                w.labels::text AS labels, h.detail,
                CASE WHEN h.quarantined_until > now() THEN h.quarantined_until END AS quarantined_until,
                \(fragment: Self.workerState) ORDER BY w.id DESC
            """)
        return try rows.map { row in
            let quarantinedUntil = try row.decode("quarantined_until", as: Date?.self)
            return WorkerRecord(
                id: try row.id("id"), name: try row.decode("name"),
                kinds: try row.decode("kinds", as: [String].self).compactMap(TaskKind.init(rawValue:)),
                state: try row.value("state"),
                slots: try row.decode("slots"), busy: try row.decode("running"),
                startedAt: try row.decode("registered_at"), lastSeenAt: try row.decode("last_seen"),
                capabilities: try WorkerCapabilities(row), quarantinedUntil: quarantinedUntil,
                quarantineCode: quarantinedUntil == nil ? nil : try row.decode("detail"))
        }
    }

    /// What waits and what runs, by kind.
    package func queueStats(tenant: TenantID) async throws -> QueueStats {
        let rows = try await client.query(
            """
            SELECT kind, count(*) FILTER (WHERE state = 'queued') AS queued,
                count(*) FILTER (WHERE state IN ('running', 'canceling')) AS processing,
                coalesce(sum(greatest(0, extract(epoch FROM now() - greatest(queued_at, run_at))))
                    FILTER (WHERE state = 'queued'), 0)::float8 AS waited
            FROM tasks
            WHERE tenant_id = \(tenant.uuid) AND state IN ('queued', 'running', 'canceling') GROUP BY kind ORDER BY kind
            """)
        let kinds = try rows.map { row in
            QueueStats.KindStats(
                kind: try row.value("kind"), queued: try row.decode("queued"), processing: try row.decode("processing"))
        }
        let queued = kinds.reduce(0) { $0 + $1.queued }
        let waited = try rows.reduce(0.0) { $0 + (try $1.decode("waited", as: Double.self)) }
        let workers = try await client.query(
            """
            SELECT count(*) AS workers FROM (SELECT \(fragment: Self.workerState)) s
            WHERE state = \(WorkerRecord.State.active.rawValue)
            """
        ).first?.decode("workers", as: Int.self)
        return QueueStats(
            queued: queued, processing: kinds.reduce(0) { $0 + $1.processing },
            averageWaitSeconds: queued > 0 ? waited / Double(queued) : 0, workers: workers ?? 0, kinds: kinds)
    }
}

extension WorkerCapabilities {
    /// Reads the columns `models`, `vram_mib` and `labels`, the last as text.
    init(_ row: Row) throws {
        self.init(
            models: try row.decode("models"), vramMiB: try row.decode("vram_mib"),
            labels: try JSONText.decode(try row.decode("labels")))
    }
}
