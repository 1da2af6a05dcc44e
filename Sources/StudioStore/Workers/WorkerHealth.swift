import Postgres
import StudioCore

/// Keeps workers that fail at everything from taking work: a broken GPU is the fastest worker of all.
///
/// After ``failuresMax`` failures of different tasks in a row a worker is quarantined. When the time is up it gets one
/// task at a time; a success forgives everything, another failure sends it away for twice as long.
enum WorkerHealth {
    static let failuresMax = 3
    /// The first quarantine, in seconds; each that follows lasts twice as long, up to ``quarantineMaxSeconds``.
    static let quarantineSeconds = 60.0
    static let quarantineMaxSeconds = 3_600.0
    /// How long a worker is spared a task that has failed on it, or killed it, if others can take it, in seconds.
    static let blockSeconds = 60.0

    /// Whether the worker `w`, with its health `h`, gets no work now.
    static let isAway: SQL = """
        (w.desired_state <> 'active' OR coalesce(h.quarantined_until > now(), false) OR \(fragment: isOnTrial))
        """

    /// Whether the worker `w` has one task at a time, and has it.
    static let isOnTrial: SQL = """
        (coalesce(h.strikes, 0) > 0
            AND EXISTS (SELECT FROM tasks o WHERE o.lease_owner = w.id AND o.state IN ('running', 'canceling')))
        """

    /// Whether the worker `w` has just failed at the task `t`, or died with it, and another one is there for it: by
    /// its name, as what is broken stays so when its process is started again.
    ///
    /// After a death the other one must be free, as the task is to be taken over at once.
    static let isSpared: SQL = """
        EXISTS (
            SELECT FROM attempts a
            WHERE a.task_id = t.id AND a.attempt = t.attempt AND a.attempt > t.attempts_base
                AND a.worker_name = w.name
                AND (a.outcome = 'expired' OR a.outcome = 'failed' AND a.error_class IN ('resource', 'temporary'))
                AND a.ended_at > now() - make_interval(secs => \(blockSeconds))
                AND EXISTS (
                    SELECT FROM workers o
                    WHERE o.name <> w.name AND (a.outcome = 'failed' OR o.running < o.slots)
                        AND (a.code <> \(TaskFailure.outOfMemoryCode) OR o.vram_mib >= w.vram_mib)
                        AND \(fragment: WorkerFitness.serves("o"))))
        """

    /// Writes down how workers did, in the transaction that applies their reports.
    static func note(
        _ applied: [(report: TaskReport, change: TaskChange)], in transaction: borrowing Transaction
    ) throws {
        let healthy = Set(applied.filter { $0.change.to == .succeeded }.map(\.report.worker))
        // The code only: every tenant may see why a worker is away, and nobody what another's task said.
        let failures = applied.compactMap { report, change in
            change.failure.flatMap { $0.blamesWorker ? (report.worker, report.task, $0.code) : nil }
        }
        let suspects = failures.filter { !healthy.contains($0.0) }
        // In one order, or two hubs that praise and blame the same workers would wait for each other.
        try transaction.execute(
            """
            SELECT FROM worker_health WHERE name IN (
                SELECT name FROM workers WHERE id = ANY(\((healthy.union(failures.map(\.0))).map(\.uuid))::uuid[])
            ) ORDER BY name FOR UPDATE
            """)
        try forgive(Array(healthy), in: transaction)
        guard !suspects.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO worker_health AS h (name, failures, last_task, detail)
            SELECT w.name, count(DISTINCT c.task) FILTER (WHERE c.task IS DISTINCT FROM b.last_task),
                (array_agg(c.task ORDER BY c.place DESC))[1], (array_agg(c.code ORDER BY c.place DESC))[1]
            FROM unnest(
                \(suspects.map(\.0.uuid))::uuid[], \(suspects.map(\.1.uuid))::uuid[], \(suspects.map(\.2))::text[]
            ) WITH ORDINALITY AS c(worker, task, code, place)
            JOIN workers w ON w.id = c.worker LEFT JOIN worker_health b ON b.name = w.name
            GROUP BY w.name ORDER BY w.name
            ON CONFLICT (name) DO UPDATE SET failures = h.failures + excluded.failures,
                last_task = excluded.last_task, detail = excluded.detail, updated_at = now()
            """)
        // The task that it tries next may be the one that it failed last: that counts.
        try transaction.execute(
            """
            UPDATE worker_health SET failures = 0, last_task = NULL, strikes = strikes + 1,
                quarantined_until = now() + make_interval(
                    secs => least(\(quarantineSeconds) * 2 ^ least(strikes, 10), \(quarantineMaxSeconds)))
            WHERE name IN (SELECT name FROM workers WHERE id = ANY(\(suspects.map(\.0.uuid))::uuid[]))
                AND (failures >= \(failuresMax) OR (strikes > 0 AND failures > 0))
                AND (quarantined_until IS NULL OR quarantined_until <= now())
            """)
    }

    private static func forgive(_ workers: [WorkerID], in transaction: borrowing Transaction) throws {
        guard !workers.isEmpty else { return }
        try transaction.execute(
            """
            UPDATE worker_health SET failures = 0, strikes = 0, quarantined_until = NULL, updated_at = now()
            WHERE (failures > 0 OR strikes > 0)
                AND name IN (SELECT name FROM workers WHERE id = ANY(\(workers.map(\.uuid))::uuid[]))
            """)
    }
}

extension TaskFailure {
    /// What the worker's own circuit answers, which lets it try again sooner than a quarantine would.
    private static let endpointDown = "endpoint_down"

    /// Whether it says something against the worker rather than the task.
    fileprivate var blamesWorker: Bool {
        switch errorClass {
        case .temporary: code != Self.endpointDown
        case .resource: true
        case .userError, .billing, .rateLimit, .poison, .canceled, .fenced: false
        }
    }
}
