package import FoundationEssentials
import Postgres
package import StudioCore

/// A worker's word that it still works on an attempt, and how far it is.
package struct Pulse: Sendable, Hashable {
    package let task: TaskID
    package let attempt: Int
    package let worker: WorkerID
    package let phase: String
    package let done: Int64
    package let total: Int64
    package let unit: String

    package init(
        task: TaskID, attempt: Int, worker: WorkerID, phase: String, done: Int64, total: Int64, unit: String
    ) {
        self.task = task
        self.attempt = attempt
        self.worker = worker
        self.phase = phase
        self.done = done
        self.total = total
        self.unit = unit
    }
}

/// What became of a lease.
package enum LeaseOutcome: Sendable, Hashable {
    case renewed
    /// Renewed, but the worker must stop.
    case canceled
    /// It belongs to another attempt, or the task has ended.
    case lost
}

/// An attempt that is to stop, because its task was canceled.
package struct CanceledLease: Sendable, Hashable {
    package let task: TaskID
    package let attempt: Int
    package let worker: WorkerID
}

/// An attempt whose lease ran out, and what became of its task.
package struct ExpiredLease: Sendable {
    package let task: TaskID
    package let attempt: Int
    package let state: TaskState
}

extension TaskStore {
    /// Renews leases on the database's clock, for as long as `lease` from now; a lease is `lost` that has been renewed
    /// for longer than any attempt may take.
    ///
    /// - Returns: one outcome for each pulse, in their order.
    package func renew(_ pulses: [Pulse], lease: Duration) async throws -> [LeaseOutcome] {
        guard !pulses.isEmpty else { return [] }
        let states = try await client.transaction(retrying: Self.conflictsMax) { transaction in
            try Self.renew(pulses, lease: lease, in: transaction)
        }
        return pulses.map { pulse in
            guard let renewed = states[pulse.task], renewed.attempt == pulse.attempt else { return .lost }
            return renewed.state == .canceling ? .canceled : .renewed
        }
    }

    /// The attempt and the state of each task whose lease was renewed.
    private static func renew(
        _ pulses: [Pulse], lease: Duration, in transaction: borrowing Transaction
    ) throws -> [TaskID: (attempt: Int, state: TaskState)] {
        let rows = try transaction.query(
            """
            WITH c AS (
                SELECT * FROM unnest(
                \(pulses.map(\.task.uuid))::uuid[], \(pulses.map(\.attempt))::int[],
                \(pulses.map(\.worker.uuid))::uuid[], \(pulses.map(\.phase))::text[], \(pulses.map(\.done))::bigint[],
                \(pulses.map(\.total))::bigint[], \(pulses.map(\.unit))::text[]
                ) AS c(task, attempt, worker, phase, done, total, unit)
            ), locked AS (
                -- In the order in which every other statement locks tasks, or two of them could wait for each other.
                SELECT t.id FROM tasks t JOIN c ON t.id = c.task WHERE t.state IN ('running', 'canceling')
                ORDER BY t.id FOR UPDATE OF t
            )
            UPDATE tasks t SET lease_expires = now() + make_interval(secs => \(lease.seconds)), phase = c.phase,
                progress_done = c.done, progress_total = c.total, progress_unit = c.unit
            FROM c JOIN locked l ON l.id = c.task
            WHERE t.id = c.task AND t.attempt = c.attempt AND t.lease_owner = c.worker
                AND t.state IN ('running', 'canceling')
                AND (t.started_at + \(fragment: AttemptLimit.span(of: "t")) > now()) IS NOT FALSE
            RETURNING t.id, t.attempt, t.state
            """)
        var states: [TaskID: (attempt: Int, state: TaskState)] = [:]
        for row in rows { states[try row.id("id")] = (try row.decode("attempt"), try row.value("state")) }
        return states
    }

    /// Notified when a running task is canceled; look at ``cancelations(of:)`` then.
    package static let cancelChannel = "task_cancel"

    /// The attempts that some of these workers must stop.
    package func cancelations(of workers: [WorkerID]) async throws -> [CanceledLease] {
        guard !workers.isEmpty else { return [] }
        return try await client.query(
            """
            SELECT id, attempt, lease_owner FROM tasks
            WHERE state = 'canceling' AND lease_owner = ANY(\(workers.map(\.uuid))::uuid[])
            """
        ).map {
            CanceledLease(task: try $0.id("id"), attempt: try $0.decode("attempt"), worker: try $0.id("lease_owner"))
        }
    }

    /// Ends up to `limit` attempts whose lease ran out: their tasks are tried again, or fail.
    ///
    /// - Parameters:
    ///   - time: what ran out after that, on the database's clock, is left alone: this call may come late.
    ///   - canceledOnly: only those end whose tasks are to end.
    package func expireLeases(
        limit: Int, by time: Date? = nil, canceledOnly: Bool = false
    ) async throws -> [ExpiredLease] {
        let states: [TaskState] = canceledOnly ? [.canceling] : [.running, .canceling]
        let candidates: [TaskID] = try await client.query(
            """
            SELECT id FROM tasks WHERE state IN ('running', 'canceling')
                AND state = ANY(\(states.map(\.rawValue))::text[])
                AND lease_expires < least(now(), \(optional: time)::timestamptz)
            ORDER BY lease_expires LIMIT \(limit)
            """
        ).map { try $0.id("id") }
        guard !candidates.isEmpty else { return [] }
        let policy = retryPolicy
        return try await client.transaction(retrying: Self.conflictsMax) { transaction in
            var ledger = try RunLedger.lock(runsOf: candidates, in: transaction)
            let expired = try LeasedTask.lockExpired(candidates, in: transaction)
            let alive = Set(expired.filter(\.lease.ownerLives).map(\.task))
            let changes = expired.compactMap { $0.change(after: .expired, policy: policy) }
            let moved = try TaskChange.apply(changes, ledger: &ledger, in: transaction)
            let applied = changes.filter { moved.contains($0.task) }
            try transaction.execute(
                """
                UPDATE attempts a SET ended_at = now(), outcome = c.outcome, error_class = c.error_class, code = c.code,
                    detail = c.detail
                FROM unnest(
                    \(applied.map(\.task.uuid))::uuid[], \(applied.map(\.attempt))::int[],
                    \(applied.map { alive.contains($0.task) ? "interrupted" : "expired" })::text[],
                    \(applied.map { ($0.failure ?? .leaseExpired).errorClass.rawValue })::text[],
                    \(applied.map { ($0.failure ?? .leaseExpired).code })::text[],
                    \(applied.map { ($0.failure ?? .leaseExpired).detail })::text[]
                ) AS c(task, attempt, outcome, error_class, code, detail)
                WHERE a.task_id = c.task AND a.attempt = c.attempt
                """)
            try ledger.flush(in: transaction)
            return applied.map { ExpiredLease(task: $0.task, attempt: $0.attempt, state: $0.to) }
        }
    }

    /// What an attempt may upload.
    package func uploadRights(task: TaskID, attempt: Int, worker: WorkerID) async throws -> UploadRights {
        let rows = try await client.query(
            """
            SELECT run_id, outputs, state = 'canceling' AS is_canceled FROM tasks
            WHERE id = \(task.uuid) AND attempt = \(attempt) AND lease_owner = \(worker.uuid)
                AND state IN ('running', 'canceling')
            """)
        guard let row = rows.first else { return .stale }
        if try row.decode("is_canceled") { return .canceled }
        return .granted(run: try row.id("run_id"), outputs: try row.decode("outputs"))
    }
}

/// Whether an attempt may upload its files.
package enum UploadRights: Sendable, Hashable {
    /// Files of these names.
    case granted(run: RunID, outputs: [String])
    /// Its task is to stop.
    case canceled
    /// It no longer counts.
    case stale

    package var isGranted: Bool {
        if case .granted = self { true } else { false }
    }
}
