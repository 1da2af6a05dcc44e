import FoundationEssentials
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
    package func register(_ hello: WorkerHello) async throws {
        try await client.execute(
            """
            INSERT INTO workers (id, name, kinds, slots, version, labels, models, vram_mib)
            VALUES (\(hello.id.uuid), \(hello.name), \(hello.kinds.map(\.rawValue))::text[], \(hello.slots),
                \(hello.version), \(try JSONText.encode(hello.capabilities.labels))::jsonb,
                \(hello.capabilities.models)::text[], \(hello.capabilities.vramMiB))
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

    /// How long no worker at all has been heard of; `nil` when there is none.
    package func silence() async throws -> Duration? {
        let row = try await client.query(
            "SELECT extract(epoch FROM clock_timestamp() - max(last_seen))::float8 AS silence FROM workers"
        ).first
        return try row?.decode("silence", as: Double?.self).map { .seconds($0) }
    }

    /// Forgets workers not heard of for so long; what they did stays in the ledger.
    package func sweep(silentFor age: Duration) async throws -> Int {
        try await client.execute(
            "DELETE FROM workers WHERE last_seen < now() - make_interval(secs => \(age.seconds))")
    }
}
