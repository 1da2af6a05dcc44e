import FoundationEssentials
import Postgres
import StudioCore

/// Tasks that are not offered to anybody for now.
///
/// A task whose requirements no worker meets is parked by ``TaskStore/pickHints(in:window:)``; retries beyond their
/// tenant's budget for their kind by ``TaskStore/holdRetries()``. Parked tasks cost the dispatcher nothing, however
/// many there are: ``TaskStore/releaseParked()`` looks at them all together.
extension TaskStore {
    /// Whether the last attempt at the task `t` failed, so that another one is a retry; expired leases are not.
    static let hasFailed: SQL = """
        EXISTS (SELECT FROM attempts p WHERE p.task_id = t.id AND p.attempt = t.attempt AND p.outcome = 'failed')
        """

    /// What has a budget of its own, so that one broken model holds up neither other tenants nor other kinds.
    private struct Account: Hashable {
        let tenant: UUID
        let kind: String

        init(_ row: Row) throws {
            tenant = try row.decode("tenant_id")
            kind = try row.decode("kind")
        }
    }

    /// Parks the retries whose time has come and which their budgets have no room for; answers how many.
    ///
    /// As long as some of a tenant's retries of a kind are parked, newer ones get in line behind them. Those that there
    /// is room for are queued, so that they are not looked at again.
    @discardableResult
    package func holdRetries() async throws -> Int {
        let due = try await client.query(
            """
            SELECT t.tenant_id, t.kind, count(*)::int AS due, EXISTS (
                SELECT FROM tasks o WHERE o.tenant_id = t.tenant_id AND o.kind = t.kind AND o.state = 'retrying'
                    AND o.attempt > o.attempts_base AND o.parked = 'retry_budget') AS is_exhausted
            FROM tasks t WHERE \(fragment: Self.isDueRetry) GROUP BY t.tenant_id, t.kind
            """)
        guard !due.isEmpty else { return 0 }
        let left = try await retriesLeft(of: due.map(Account.init))
        var held = 0
        for row in due {
            let account = try Account(row)
            let room = try row.decode("is_exhausted") ? 0 : left[account] ?? 0
            guard try row.decode("due", as: Int.self) > room else { continue }
            let moved = try await client.query(
                """
                WITH due AS (
                    SELECT t.id, t.run_at FROM tasks t
                    WHERE t.tenant_id = \(account.tenant) AND t.kind = \(account.kind)
                        AND \(fragment: Self.isDueRetry)
                    FOR UPDATE OF t SKIP LOCKED
                )
                UPDATE tasks t SET state = CASE WHEN c.place <= \(room) THEN 'queued' ELSE t.state END,
                    parked = CASE WHEN c.place > \(room) THEN 'retry_budget' END
                FROM (SELECT id, row_number() OVER (ORDER BY run_at) AS place FROM due) c WHERE t.id = c.id
                RETURNING t.parked IS NOT NULL AS is_held
                """)
            held += try moved.count { try $0.decode("is_held") }
        }
        return held
    }

    private static let isDueRetry: SQL = """
        t.state = 'retrying' AND t.attempt > t.attempts_base AND t.run_at <= now() AND t.parked IS NULL
            AND \(fragment: hasFailed)
        """

    /// Lets go on what is no longer held up: tasks that a worker can do now, and as many retries, the oldest first, as
    /// their budgets have room for; answers how many.
    @discardableResult
    package func releaseParked() async throws -> Int {
        var released = try await client.execute(
            """
            WITH wanted AS MATERIALIZED (
                SELECT t.kind, t.needs FROM (
                    SELECT DISTINCT kind, needs FROM tasks
                    WHERE parked = 'capability' AND state IN ('queued', 'retrying')
                ) t
                WHERE EXISTS (SELECT FROM workers w WHERE \(fragment: WorkerFitness.serves("w")))
            ), free AS (
                SELECT t.id FROM tasks t JOIN wanted w ON w.kind = t.kind AND w.needs = t.needs
                WHERE t.parked = 'capability' AND t.state IN ('queued', 'retrying')
                ORDER BY t.id FOR UPDATE OF t SKIP LOCKED
            )
            UPDATE tasks t SET parked = NULL FROM free WHERE t.id = free.id
            """)
        let held = try await client.query(
            "SELECT DISTINCT tenant_id, kind FROM tasks WHERE parked = 'retry_budget' AND state = 'retrying'"
        ).map(Account.init)
        guard !held.isEmpty else { return released }
        for (account, room) in try await retriesLeft(of: held) where room > 0 {
            // Queued, so that they are not held again; they count as retries about to begin from here on.
            released += try await client.execute(
                """
                UPDATE tasks t SET state = 'queued', parked = NULL FROM (
                    SELECT id FROM tasks
                    WHERE tenant_id = \(account.tenant) AND kind = \(account.kind) AND state = 'retrying'
                        AND attempt > attempts_base AND parked = 'retry_budget'
                    ORDER BY run_at LIMIT \(room) FOR UPDATE SKIP LOCKED
                ) c
                WHERE t.id = c.id
                """)
        }
        return released
    }

    /// How many retries may begin now on each of these accounts.
    private func retriesLeft(of accounts: [Account]) async throws -> [Account: Int] {
        let rows = try await client.query(
            """
            SELECT n.tenant_id, n.kind, a.attempts, a.retries + q.waiting AS retries
            FROM unnest(\(accounts.map(\.tenant))::uuid[], \(accounts.map(\.kind))::text[]) AS n(tenant_id, kind)
            CROSS JOIN LATERAL (
                SELECT count(*)::int AS attempts, (count(*) FILTER (WHERE is_retry))::int AS retries
                FROM attempts b
                WHERE b.tenant_id = n.tenant_id AND b.kind = n.kind
                    AND b.claimed_at > now() - make_interval(secs => \(retryBudget.window.seconds))
            ) a
            CROSS JOIN LATERAL (
                SELECT count(*)::int AS waiting FROM tasks t
                WHERE t.tenant_id = n.tenant_id AND t.kind = n.kind AND t.state = 'queued'
                    AND t.attempt > t.attempts_base AND t.parked IS NULL AND \(fragment: Self.hasFailed)
            ) q
            """)
        let left = try rows.map { row in
            (
                try Account(row),
                retryBudget.left(attempts: try row.decode("attempts"), retries: try row.decode("retries"))
            )
        }
        return Dictionary(left) { first, _ in first }
    }
}
