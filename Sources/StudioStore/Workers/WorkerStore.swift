package import FoundationEssentials
package import Postgres
package import StudioCore

/// What a worker says of itself.
package struct WorkerHello: Sendable, Hashable {
    package let id: WorkerID
    package let name: String
    package let kinds: [TaskKind]
    package let slots: Int
    package let version: String
    package let capabilities: WorkerCapabilities

    package init(
        id: WorkerID, name: String, kinds: [TaskKind], slots: Int, version: String, labels: [String: String],
        models: [String] = [], vramMiB: Int = 0
    ) {
        self.id = id
        self.name = name
        self.kinds = kinds
        self.slots = slots
        self.version = version
        capabilities = WorkerCapabilities(models: models, vramMiB: vramMiB, labels: labels)
    }
}

/// A worker's sign of life.
package struct WorkerSighting: Sendable, Hashable {
    package let id: WorkerID
    package let running: Int
    package let draining: Bool

    package init(id: WorkerID, running: Int, draining: Bool) {
        self.id = id
        self.running = running
        self.draining = draining
    }
}

/// What a worker is to do.
package enum WorkerStanding: Sendable, Hashable {
    case work
    /// Take nothing new until told to.
    case hold
    /// Take nothing new, and end when nothing runs any more.
    case drain
}

/// The workers that the control plane knows.
package struct WorkerStore: Sendable {
    private let client: PostgresClient

    package init(client: PostgresClient) {
        self.client = client
    }

    /// Writes down a worker that said hello; a repeated hello renews it.
    ///
    /// One that was started again, under the name of a worker that was to take no work, begins paused: what an operator
    /// wanted holds until an operator wants otherwise. It is not drained once more, or it would be for ever.
    package func register(_ hello: WorkerHello) async throws {
        try await client.execute(
            """
            INSERT INTO workers (id, name, kinds, slots, version, labels, models, vram_mib, desired_state)
            VALUES (\(hello.id.uuid), \(hello.name), \(hello.kinds.map(\.rawValue))::text[], \(hello.slots),
                \(hello.version), \(try JSONText.encode(hello.capabilities.labels))::jsonb,
                \(hello.capabilities.models)::text[], \(hello.capabilities.vramMiB), coalesce((
                    SELECT CASE p.desired_state WHEN 'active' THEN 'active' ELSE 'paused' END FROM workers p
                    WHERE p.name = \(hello.name) AND p.id <> \(hello.id.uuid)
                    ORDER BY p.registered_at DESC, p.id DESC LIMIT 1), 'active'))
            ON CONFLICT (id) DO UPDATE SET last_seen = now(), name = excluded.name, kinds = excluded.kinds,
                slots = excluded.slots, version = excluded.version, labels = excluded.labels,
                models = excluded.models, vram_mib = excluded.vram_mib, draining = false
            """)
    }

    /// Notes that workers are alive, and answers what is wanted of each.
    package func see(_ sightings: [WorkerSighting]) async throws -> [WorkerID: WorkerStanding] {
        guard !sightings.isEmpty else { return [:] }
        let rows = try await client.query(
            """
            UPDATE workers w SET last_seen = now(), running = c.running, draining = c.draining
            FROM unnest(
                \(sightings.map(\.id.uuid))::uuid[], \(sightings.map(\.running))::int[],
                \(sightings.map(\.draining))::bool[]
            ) AS c(id, running, draining)
            WHERE w.id = c.id
            RETURNING w.id, w.desired_state, coalesce((
                SELECT h.quarantined_until > now() FROM worker_health h WHERE h.name = w.name), false) AS is_quarantined
            """)
        let standings = try rows.map { row in
            let desired = try row.value("desired_state", as: DesiredWorkerState.self)
            let standing: WorkerStanding =
                switch desired {
                case .draining: .drain
                case .paused: .hold
                case .active: try row.decode("is_quarantined") ? .hold : .work
                }
            return (try row.id("id", as: WorkerID.self), standing)
        }
        return Dictionary(standings) { first, _ in first }
    }

    /// How long no worker at all has been heard of, `nil` when there is none, and when that was so.
    package func silence() async throws -> (lasted: Duration?, at: Date) {
        let row = try await client.query(
            """
            SELECT extract(epoch FROM clock_timestamp() - max(last_seen))::float8 AS silence, now() AS at FROM workers
            """)[0]
        return (try row.decode("silence", as: Double?.self).map { .seconds($0) }, try row.decode("at"))
    }

    /// Forgets workers not heard of for so long, but not what they did: that stays in the ledger.
    ///
    /// - Returns: how many were forgotten.
    @discardableResult
    package func sweep(silentFor age: Duration) async throws -> Int {
        try await client.execute(
            "DELETE FROM workers WHERE last_seen < now() - make_interval(secs => \(age.seconds))")
    }

    /// Forgets how workers did that are not there any more, and of which nothing has been said for so long.
    ///
    /// - Parameter limit: names forgotten in one statement at most.
    /// - Returns: how many were forgotten.
    @discardableResult
    package func sweepHealth(olderThan age: Duration, limit: Int) async throws -> Int {
        try await client.execute(
            """
            DELETE FROM worker_health WHERE name IN (
                SELECT h.name FROM worker_health h
                WHERE h.updated_at < now() - make_interval(secs => \(age.seconds))
                    AND NOT EXISTS (SELECT FROM workers w WHERE w.name = h.name)
                ORDER BY h.name LIMIT \(limit) FOR UPDATE OF h SKIP LOCKED)
            """)
    }
}
