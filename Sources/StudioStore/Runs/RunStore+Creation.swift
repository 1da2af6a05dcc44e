import FoundationEssentials
import Postgres
package import StudioCore

extension RunStore {
    /// Accepts a run: run, shots, tasks, dependencies, entities, first event and idempotency key in one transaction.
    ///
    /// A second request with the same key waits for the first to commit, at most for the lock timeout; then it is in
    /// flight.
    package func createRun(_ run: NewRun) async throws -> CreateOutcome {
        do {
            try await client.transaction { transaction in
                try Self.insertRun(run, in: transaction)
                if let claim = run.idempotency,
                    let answered = try Self.take(claim, for: run.id, tenant: run.tenant, in: transaction)
                {
                    throw AnsweredBefore(answer: answered)
                }
                try Self.insertShots(run, in: transaction)
                try Self.insertTasks(run, in: transaction)
                try Self.insertEntities(run, in: transaction)
            }
        } catch let before as AnsweredBefore {
            guard before.answer.hash == run.idempotency?.requestHash else { return .conflictingBody }
            guard let record = try await self.run(before.answer.run, tenant: run.tenant) else { return .inFlight }
            return .replayed(record)
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            return .inFlight
        }
        guard let record = try await self.run(run.id, tenant: run.tenant) else {
            throw StoreError.vanished("run \(run.id)")
        }
        return .created(record)
    }

    /// Rolls the transaction back, because the key was used before.
    private struct AnsweredBefore: Error {
        let answer: AnsweredKey
    }

    /// What an idempotency key was used for.
    typealias AnsweredKey = (run: RunID, hash: String)

    private static func insertRun(_ run: NewRun, in transaction: borrowing Transaction) throws {
        let plan = run.plan
        try transaction.execute(
            """
            INSERT INTO runs (id, tenant_id, title, state, priority, spec, frames, fps_numerator, fps_denominator,
                width, height, metadata, labels, tasks_total, event_seq, deadline_seconds,
                deadline_at)
            VALUES (\(run.id.uuid), \(run.tenant.uuid), \(plan.title), 'queued', \(plan.priority.rawValue),
                \(run.specification)::jsonb, \(plan.frames), \(plan.profile.frameRate.numerator),
                \(plan.profile.frameRate.denominator), \(plan.profile.width), \(plan.profile.height),
                \(try JSONText.encode(run.metadata))::jsonb, \(run.labels)::text[], \(plan.tasks.count), 1,
                \(optional: run.deadlineSeconds.map(Double.init))::float8,
                now() + make_interval(secs => \(optional: run.deadlineSeconds.map(Double.init))::float8))
            """)
        try transaction.execute(
            """
            INSERT INTO run_events (tenant_id, run_id, seq, type, state)
            VALUES (\(run.tenant.uuid), \(run.id.uuid), 1, \(RunEventRecord.Kind.runState.rawValue), 'queued')
            """)
    }

    /// Takes the idempotency key; answers what it was used for when it is taken.
    static func take(
        _ claim: IdempotencyClaim, for run: RunID, tenant: TenantID, in transaction: borrowing Transaction
    ) throws -> AnsweredKey? {
        let inserted = try transaction.execute(
            """
            INSERT INTO idempotency_keys (tenant_id, key, request_hash, run_id)
            VALUES (\(tenant.uuid), \(claim.key), \(claim.requestHash), \(run.uuid))
            ON CONFLICT (tenant_id, key) DO NOTHING
            """)
        guard inserted == 0 else { return nil }
        let row = try transaction.first(
            """
            SELECT run_id, request_hash FROM idempotency_keys
            WHERE tenant_id = \(tenant.uuid) AND key = \(claim.key)
            """)
        guard let row else { throw StoreError.vanished("idempotency key") }
        return (try row.id("run_id"), try row.decode("request_hash"))
    }

    /// Forgets the idempotency keys that were taken so long ago.
    ///
    /// - Parameter limit: keys forgotten in one statement at most.
    /// - Returns: how many were forgotten.
    @discardableResult
    package func sweepKeys(olderThan age: Duration, limit: Int) async throws -> Int {
        try await client.execute(
            """
            DELETE FROM idempotency_keys k USING (
                SELECT tenant_id, key FROM idempotency_keys
                WHERE created_at < now() - make_interval(secs => \(age.seconds))
                ORDER BY created_at LIMIT \(limit) FOR UPDATE SKIP LOCKED
            ) old
            WHERE k.tenant_id = old.tenant_id AND k.key = old.key
            """)
    }

    private static func insertShots(_ run: NewRun, in transaction: borrowing Transaction) throws {
        let shots = run.plan.shots
        guard !shots.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO shots (id, tenant_id, run_id, name, number, prompt, frames, start_frame)
            SELECT s.id, \(run.tenant.uuid), \(run.id.uuid), s.name, s.number, s.prompt, s.frames, s.start_frame
            FROM unnest(
                \(shots.map { _ in ShotID().uuid })::uuid[], \(shots.map(\.name))::text[],
                \(shots.map(\.number))::int[],
                \(shots.map(\.prompt))::text[], \(shots.map(\.frames))::int[], \(shots.map(\.startFrame))::int[]
            ) AS s(id, name, number, prompt, frames, start_frame)
            """)
    }

    private static func insertTasks(_ run: NewRun, in transaction: borrowing Transaction) throws {
        let tasks = run.plan.tasks.map { (id: TaskID(), task: $0) }
        let ids = Dictionary(tasks.map { ($0.task.key, $0.id) }) { first, _ in first }
        try transaction.execute(
            """
            INSERT INTO tasks (id, tenant_id, run_id, shot_id, key, kind, machine_class, priority, state, attempts_max,
                attempts_allowed, waiting_on, spec, needs, outputs, queued_at)
            SELECT t.id, \(run.tenant.uuid), \(run.id.uuid), s.id, t.key, t.kind, \(Lane.standardClass),
                \(run.plan.priority.rawValue), CASE WHEN t.waiting_on = 0 THEN 'queued' ELSE 'blocked' END,
                t.attempts_max, t.attempts_max, t.waiting_on, t.spec::jsonb, t.needs::jsonb,
                string_to_array(t.outputs, ','),
                CASE WHEN t.waiting_on = 0 THEN now() END
            FROM unnest(
                \(tasks.map(\.id.uuid))::uuid[], \(tasks.map(\.task.shot))::text[], \(tasks.map(\.task.key))::text[],
                \(tasks.map(\.task.spec.kind.rawValue))::text[], \(tasks.map(\.task.attemptsMax))::int[],
                \(tasks.map(\.task.dependencies.count))::int[],
                \(try tasks.map { try JSONText.encode($0.task.spec) })::text[],
                \(try tasks.map { try $0.task.requirements.stored })::text[],
                \(tasks.map { $0.task.spec.outputs.map(\.name).joined(separator: ",") })::text[]
            ) AS t(id, shot, key, kind, attempts_max, waiting_on, spec, needs, outputs)
            LEFT JOIN shots s ON s.run_id = \(run.id.uuid) AND s.name = t.shot
            """)
        let dependencies = tasks.flatMap { task in
            task.task.dependencies.compactMap { dependency in
                ids[dependency.on].map { (task: task.id.uuid, input: dependency.input, on: $0.uuid) }
            }
        }
        guard !dependencies.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO task_dependencies (tenant_id, task_id, input, depends_on)
            SELECT \(run.tenant.uuid), d.task, d.input, d.depends_on
            FROM unnest(
                \(dependencies.map(\.task))::uuid[], \(dependencies.map(\.input))::text[],
                \(dependencies.map(\.on))::uuid[]
            ) AS d(task, input, depends_on)
            """)
    }

    private static func insertEntities(_ run: NewRun, in transaction: borrowing Transaction) throws {
        let entities = run.plan.entities
        guard !entities.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO entities (id, tenant_id, run_id, kind, name, description, voice, embedding)
            SELECT e.id, \(run.tenant.uuid), \(run.id.uuid), e.kind, e.name, e.description, e.voice, e.embedding::vector
            FROM unnest(
                \(entities.map { _ in EntityID().uuid })::uuid[], \(entities.map(\.kind.rawValue))::text[],
                \(entities.map(\.name))::text[], \(entities.map(\.description))::text[],
                \(entities.map(\.voice))::text[],
                \(try entities.map { try JSONText.encode($0.embedding) })::text[]
            ) AS e(id, kind, name, description, voice, embedding)
            """)
    }
}

extension TaskRequirements {
    /// As the database keeps it: nothing when it asks for nothing.
    fileprivate var stored: String? {
        get throws { isEmpty ? nil : try JSONText.encode(self) }
    }
}
