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
    /// How long a worker is spared a task that ran out of memory, disk or GPU on it, if others can take it, in seconds.
    static let blockSeconds = 60.0

    /// Whether the worker `w`, with its health `h`, gets no work now.
    static let isAway: SQL = """
        (w.desired_state <> 'active' OR coalesce(h.quarantined_until > now(), false) OR (
            coalesce(h.strikes, 0) > 0
                AND EXISTS (SELECT FROM tasks o WHERE o.lease_owner = w.id AND o.state IN ('running', 'canceling'))))
        """

    /// Writes down how workers did, in the transaction that applies their reports.
    static func note(
        _ applied: [(report: TaskReport, change: TaskChange)], in transaction: borrowing Transaction
    ) throws {
        var healthy: Set<WorkerID> = []
        var failed: [WorkerID: (tasks: Set<TaskID>, detail: String)] = [:]
        for (report, change) in applied {
            if change.to == .succeeded { healthy.insert(report.worker) }
            guard let failure = change.failure, failure.blamesWorker else { continue }
            failed[report.worker, default: ([], "")].tasks.insert(report.task)
            // The code only: every tenant may see why a worker is away, and nobody what another's task said.
            failed[report.worker]?.detail = failure.code
        }
        let suspects = failed.filter { !healthy.contains($0.key) }.map { ($0.key, $0.value.tasks, $0.value.detail) }
        // In one order, or two hubs that praise and blame the same workers would wait for each other.
        try transaction.execute(
            """
            SELECT FROM worker_health WHERE name IN (
                SELECT name FROM workers WHERE id = ANY(\((Array(healthy) + failed.keys).map(\.uuid))::uuid[])
            ) ORDER BY name FOR UPDATE
            """)
        try forgive(Array(healthy), in: transaction)
        guard !suspects.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO worker_health AS h (name, failures, last_task, detail)
            SELECT DISTINCT ON (w.name) w.name, c.failures, c.task, c.detail
            FROM unnest(
                \(suspects.map(\.0.uuid))::uuid[], \(suspects.map(\.1.count))::int[],
                \(suspects.compactMap { $0.1.first?.uuid })::uuid[], \(suspects.map(\.2))::text[]
            ) AS c(worker, failures, task, detail) JOIN workers w ON w.id = c.worker
            ORDER BY w.name
            ON CONFLICT (name) DO UPDATE SET
                failures = h.failures + CASE WHEN h.last_task = excluded.last_task THEN 0 ELSE excluded.failures END,
                last_task = excluded.last_task, detail = excluded.detail, updated_at = now()
            """)
        try transaction.execute(
            """
            UPDATE worker_health SET failures = 0, strikes = strikes + 1, quarantined_until = now() + make_interval(
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
