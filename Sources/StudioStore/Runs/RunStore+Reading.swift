import FoundationEssentials
import Postgres
package import StudioCore

extension RunStore {
    /// One run, or `nil` when the tenant has none of this id.
    package func run(_ id: RunID, tenant: TenantID) async throws -> RunRecord? {
        try await records(
            "SELECT * FROM runs WHERE tenant_id = \(tenant.uuid) AND id = \(id.uuid)"
        ).first
    }

    /// Newest first, by identifier; starts below `after`.
    package func runs(
        _ filter: RunFilter, after: RunID?, limit: Int, tenant: TenantID
    ) async throws -> Page<RunRecord> {
        let states: [String]? = filter.states.isEmpty ? nil : filter.states.map(\.rawValue)
        let records = try await records(
            """
            SELECT * FROM runs
            WHERE tenant_id = \(tenant.uuid)
            AND (\(optional: after?.uuid)::uuid IS NULL OR id < \(optional: after?.uuid)::uuid)
                AND (\(optional: states)::text[] IS NULL OR state = ANY(\(optional: states)::text[]))
                AND labels @> \(filter.labels)::text[]
                AND (\(optional: filter.createdAfter)::timestamptz IS NULL
                    OR created_at > \(optional: filter.createdAfter)::timestamptz)
            ORDER BY id DESC LIMIT \(limit + 1)
            """)
        return Page(overfetched: records, limit: limit)
    }

    /// The runs that `selection` finds, with their counts and films, in descending order of their ids.
    private func records(_ selection: SQL) async throws -> [RunRecord] {
        let rows = try await client.query(
            """
            WITH r AS (\(fragment: selection))
            SELECT r.id, r.title, r.state, r.reason::text AS reason, r.priority, r.frames, r.fps_numerator,
            r.fps_denominator,
                r.width, r.height, r.metadata::text AS metadata, r.labels, r.event_seq, r.created_at, r.started_at,
                r.finished_at, r.deadline_at,
                (SELECT count(*) FROM shots s WHERE s.run_id = r.id) AS shots,
                (SELECT json_object_agg(state, n)::text FROM (
                    SELECT state, count(*) AS n FROM tasks t WHERE t.run_id = r.id GROUP BY state) c) AS tasks,
                (SELECT a.id FROM artifacts a JOIN tasks t ON t.id = a.task_id
                    WHERE a.run_id = r.id AND t.key = 'compose' AND a.position = 0) AS film,
                (SELECT a.id FROM artifacts a JOIN tasks t ON t.id = a.task_id
                    WHERE a.run_id = r.id AND t.key = 'compose' AND a.position = 1) AS poster
            FROM r ORDER BY r.id DESC
            """)
        return try rows.map { try RunRecord($0) }
    }

    /// All shots in the order of the film; `nil` when there is no such run.
    package func shots(of run: RunID, tenant: TenantID) async throws -> [ShotRecord]? {
        guard try await exists(run, tenant: tenant) else { return nil }
        let artifacts = Dictionary(grouping: try await artifacts(of: run, tenant: tenant)) { $0.shot }
        let rows = try await client.query(
            """
            SELECT s.id, s.run_id, s.name, s.number, s.prompt, s.frames, s.start_frame, array_agg(t.state) AS states
            FROM shots s JOIN tasks t ON t.shot_id = s.id AND t.run_id = s.run_id
            WHERE s.tenant_id = \(tenant.uuid) AND s.run_id = \(run.uuid)
            GROUP BY s.id ORDER BY s.number
            """)
        return try rows.map { row in
            let name = try row.decode("name", as: String.self)
            let states = try row.decode("states", as: [String].self).compactMap(TaskState.init(rawValue:))
            return ShotRecord(
                id: try row.id("id"), run: try row.id("run_id"), name: name, number: try row.decode("number"),
                prompt: try row.decode("prompt"), frames: try row.decode("frames"),
                startFrame: try row.decode("start_frame"), tasks: TaskCounts(of: states),
                artifacts: artifacts[name] ?? [])
        }
    }

    private func exists(_ run: RunID, tenant: TenantID) async throws -> Bool {
        try await !client.query(
            "SELECT 1 FROM runs WHERE tenant_id = \(tenant.uuid) AND id = \(run.uuid)"
        ).isEmpty
    }

    /// The stored events with a number above `sequence`, in order.
    package func events(
        of run: RunID, after sequence: Int64, limit: Int, tenant: TenantID
    ) async throws -> [RunEventRecord] {
        let rows = try await client.query(
            """
            SELECT e.run_id, e.seq, e.at, e.type, e.state, e.task_id, t.key, s.name AS shot, e.attempt, e.attempts_max,
                e.reason::text AS reason
            FROM run_events e LEFT JOIN tasks t ON t.id = e.task_id LEFT JOIN shots s ON s.id = t.shot_id
            WHERE e.tenant_id = \(tenant.uuid) AND e.run_id = \(run.uuid) AND e.seq > \(sequence)
            ORDER BY e.seq LIMIT \(limit)
            """)
        return try rows.map { try RunEventRecord($0) }
    }

    private static let artifactColumns: SQL = """
        a.id, a.run_id, a.task_id, t.key, s.name AS shot, a.name, a.content_type, a.size,
        encode(a.sha256, 'hex') AS sha256,
        a.media::text AS media, a.created_at, a.object_key
        FROM artifacts a JOIN tasks t ON t.id = a.task_id LEFT JOIN shots s ON s.id = t.shot_id
        """

    /// One artifact, or `nil` when the tenant has none of this id.
    package func artifact(_ id: ArtifactID, tenant: TenantID) async throws -> ArtifactRecord? {
        try await client.query(
            """
            SELECT \(fragment: Self.artifactColumns) WHERE a.tenant_id = \(tenant.uuid) AND a.id = \(id.uuid)
            """
        ).first.map { try ArtifactRecord($0) }
    }

    /// The visible artifacts of a run, in the order of their identifiers.
    package func artifacts(of run: RunID, tenant: TenantID) async throws -> [ArtifactRecord] {
        try await client.query(
            """
            SELECT \(fragment: Self.artifactColumns)
            WHERE a.tenant_id = \(tenant.uuid) AND a.run_id = \(run.uuid) ORDER BY a.id
            """
        ).map { try ArtifactRecord($0) }
    }
}
