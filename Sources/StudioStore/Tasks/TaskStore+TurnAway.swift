import Postgres
import StudioCore

/// Claims of workers that are to get no work now, or not this task.
extension TaskStore {
    /// How soon a task is offered again that a worker was not to get, in seconds, when one that may have it is free.
    private static let keptBackSeconds = 1.0
    /// How soon when none is, in seconds: workers that must not have it would only take the hint again and again.
    ///
    /// A hint that lasts no longer is not on its way; the reconciler renews those that are long before.
    static let keptBackSecondsMax = 5.0

    /// Finds the orders of workers that are to get no work now, or not this task, and has their tasks offered anew.
    ///
    /// Until then such a task has no place in the window of its lane, so what comes after it is offered meanwhile. It
    /// costs at most one such order a second, and reaches a worker that may have it after at most as many as there are
    /// free workers that may not.
    static func turnAway(
        _ orders: [ClaimOrder], in transaction: borrowing Transaction
    ) throws -> Set<ClaimOrder> {
        try lockCanaries(of: orders, in: transaction)
        let rows = try transaction.query(
            """
            WITH turned_away AS (
                SELECT c.task, c.attempt, c.worker FROM (
                    SELECT *, dense_rank() OVER (PARTITION BY worker ORDER BY task) AS turn FROM unnest(
                        \(orders.map(\.task.uuid))::uuid[], \(orders.map(\.attempt))::int[],
                        \(orders.map(\.worker.uuid))::uuid[]
                    ) AS o(task, attempt, worker)
                ) c
                JOIN tasks t ON t.id = c.task
                LEFT JOIN workers w ON w.id = c.worker LEFT JOIN worker_health h ON h.name = w.name
                WHERE \(fragment: WorkerHealth.isAway) OR (coalesce(h.strikes, 0) > 0 AND c.turn > 1)
                    OR NOT \(fragment: WorkerFitness.canDo("w")) OR \(fragment: WorkerFitness.isTooSmall)
                    OR \(fragment: WorkerHealth.isSpared)
            ), locked AS (
                SELECT t.id FROM tasks t JOIN turned_away c ON c.task = t.id AND c.attempt = t.attempt
                WHERE t.state = 'queued' ORDER BY t.id FOR UPDATE OF t
            ), offered AS (
                UPDATE tasks t SET hint_expires = now() + make_interval(secs => CASE WHEN EXISTS (
                    SELECT FROM workers w WHERE w.running < w.slots AND \(fragment: WorkerFitness.serves("w"))
                        AND NOT \(fragment: WorkerFitness.isTooSmall)
                ) THEN \(keptBackSeconds)::float8 ELSE \(keptBackSecondsMax)::float8 END)
                FROM locked WHERE t.id = locked.id
            )
            SELECT task, attempt, worker FROM turned_away
            """)
        return Set(
            try rows.map {
                ClaimOrder(
                    task: try $0.id("task"), attempt: try $0.decode("attempt"), worker: try $0.id("worker"))
            })
    }

    /// Has two hubs decide one after the other about a worker that gets one task at a time.
    private static func lockCanaries(of orders: [ClaimOrder], in transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            SELECT FROM worker_health WHERE strikes > 0 AND name IN (
                SELECT name FROM workers WHERE id = ANY(\(orders.map(\.worker.uuid))::uuid[])
            ) ORDER BY name FOR UPDATE
            """)
    }
}
