import Postgres
package import StudioCore

/// A hint to be published: a task of a lane that a worker can claim.
package struct Hint: Sendable, Hashable {
    package let task: TaskID
    package let attempt: Int
    package let lane: Lane

    package init(task: TaskID, attempt: Int, lane: Lane) {
        self.task = task
        self.attempt = attempt
        self.lane = lane
    }
}

/// How many hints of a lane may be on their way at once.
package struct DispatchWindow: Sendable {
    /// For a lane with few workers or none: what it holds is what another tenant's first task waits for.
    package var hintsMin: Int
    /// The same for tasks that take next to no time, which are done sooner than the dispatcher looks again.
    package var hintsMinOfNoop: Int
    /// For each slot of the workers that serve the lane.
    package var hintsPerSlot: Int
    /// For how long a hint counts as on its way.
    package var hintLife: Duration
    /// A worker not heard of for so long has no slots.
    package var workerLife: Duration

    package static let standard = DispatchWindow(
        hintsMin: 8, hintsMinOfNoop: 256, hintsPerSlot: 4, hintLife: .seconds(30),
        workerLife: .seconds(WorkerFitness.aliveSeconds))

    /// - Parameter hintsMinOfNoop: `hintsMin` when `nil`.
    package init(
        hintsMin: Int, hintsMinOfNoop: Int? = nil, hintsPerSlot: Int, hintLife: Duration, workerLife: Duration
    ) {
        self.hintsMin = hintsMin
        self.hintsMinOfNoop = hintsMinOfNoop ?? hintsMin
        self.hintsPerSlot = hintsPerSlot
        self.hintLife = hintLife
        self.workerLife = workerLife
    }

    fileprivate func hintsMin(of lane: Lane) -> Int {
        lane.kind == .noop ? max(hintsMin, hintsMinOfNoop) : hintsMin
    }
}

extension TaskStore {
    /// Picks tasks whose time has come, as many as the windows of their lanes have room for.
    ///
    /// Tenants share a lane's window by their weights: of those that have work in it, the one with the fewest hints on
    /// their way for its weight comes first, and within a tenant the task that has waited longest. So a tenant of
    /// weight *w* has at least ⌊window × w ÷ W⌋ hints on their way as long as it has so many tasks to run, *W* being
    /// the weights of all tenants with work in the lane; nobody's backlog delays another's first task for longer
    /// than the workers take for one window.
    ///
    /// A task that only some workers can do is picked only while one of those is there and takes work; if none is, the
    /// task is parked.
    ///
    /// They count as hinted from here on: should the program die before it publishes, their hints are sent again when
    /// these have expired.
    package func pickHints(in lanes: [Lane], window: DispatchWindow) async throws -> [Hint] {
        while true {
            let (hints, parked) = try await pick(in: lanes, window: window)
            // What was parked is out of the way of what comes after it; each round leaves fewer.
            if !hints.isEmpty || parked == 0 { return hints }
        }
    }

    private func pick(in lanes: [Lane], window: DispatchWindow) async throws -> (hints: [Hint], parked: Int) {
        let rows = try await client.query(
            """
            WITH lanes AS (
                SELECT l.*,
                    greatest(l.hints_min, \(window.hintsPerSlot) * (
                        SELECT coalesce(sum(w.slots), 0)::int FROM workers w
                        WHERE l.kind = ANY(w.kinds) AND NOT w.draining
                            AND w.last_seen > now() - make_interval(secs => \(window.workerLife.seconds))
                    )) AS window_size
                FROM unnest(
                    \(lanes.map(\.kind.rawValue))::text[], \(lanes.map(\.machineClass))::text[],
                    \(lanes.map(\.priority.rawValue))::text[], \(lanes.map(window.hintsMin(of:)))::int[]
                ) AS l(kind, machine_class, priority, hints_min)
            ), hinted AS MATERIALIZED (
                SELECT t.kind, t.machine_class, t.priority, t.tenant_id, count(*) AS hints FROM tasks t
                WHERE t.state = 'queued' AND t.hint_expires IS NOT NULL
                    -- Not what is kept back, because a worker that must not have it took its hint.
                    AND t.hint_expires > now() + make_interval(secs => \(Self.keptBackSecondsMax))
                GROUP BY 1, 2, 3, 4
            ), open AS (
                SELECT l.*, l.window_size - coalesce((
                    SELECT sum(h.hints) FROM hinted h
                    WHERE (h.kind, h.machine_class, h.priority) = (l.kind, l.machine_class, l.priority)), 0) AS room
                FROM lanes l
            ), ready AS (
                -- The next of each tenant; how many it has on their way for its weight is its place in the line.
                SELECT t.id, l.kind, l.machine_class, l.priority, l.room, t.queued_at,
                    (coalesce(h.hints, 0) + row_number() OVER (
                        PARTITION BY l.kind, l.machine_class, l.priority, n.id ORDER BY t.queued_at
                    ))::float8 / n.weight AS place
                FROM open l CROSS JOIN tenants n
                LEFT JOIN hinted h ON (h.kind, h.machine_class, h.priority, h.tenant_id)
                    = (l.kind, l.machine_class, l.priority, n.id)
                CROSS JOIN LATERAL (
                    SELECT id, queued_at FROM tasks t
                    WHERE t.kind = l.kind AND t.machine_class = l.machine_class AND t.priority = l.priority
                        AND t.tenant_id = n.id AND t.state IN ('queued', 'retrying') AND t.run_at <= now()
                        AND t.parked IS NULL AND (t.hint_expires IS NULL OR t.hint_expires <= now())
                    ORDER BY t.queued_at LIMIT greatest(l.room, 0)
                ) t
                WHERE l.room > 0
            ), chosen AS (
                SELECT id FROM (
                    SELECT id, room, row_number() OVER (
                        PARTITION BY kind, machine_class, priority ORDER BY place, queued_at
                    ) AS turn FROM ready
                ) r WHERE turn <= room
            ), picked AS (
                SELECT t.id, CASE WHEN t.needs IS NULL THEN true ELSE EXISTS (
                    SELECT FROM workers w WHERE \(fragment: WorkerFitness.serves("w"))) END AS has_worker
                FROM tasks t JOIN chosen USING (id)
                WHERE t.state IN ('queued', 'retrying') AND t.parked IS NULL
                    AND (t.hint_expires IS NULL OR t.hint_expires <= now())
                FOR UPDATE OF t SKIP LOCKED
            )
            UPDATE tasks t SET state = CASE WHEN p.has_worker THEN 'queued' ELSE t.state END,
                hint_expires = CASE WHEN p.has_worker
                    THEN now() + make_interval(secs => \(window.hintLife.seconds)) END,
                parked = CASE WHEN NOT p.has_worker THEN 'capability' END
            FROM picked p WHERE t.id = p.id AND t.state IN ('queued', 'retrying')
            RETURNING t.id, t.attempt, t.kind, t.machine_class, t.priority, p.has_worker
            """)
        let hints = try rows.filter { try $0.decode("has_worker") }.map { row in
            Hint(
                task: try row.id("id"), attempt: try row.decode("attempt"),
                lane: Lane(
                    kind: try row.value("kind"), machineClass: try row.decode("machine_class"),
                    priority: try row.value("priority")))
        }
        return (hints, rows.count - hints.count)
    }

    /// Forgets hints that were not published, so that they are sent again at once.
    package func forget(_ hints: [Hint]) async throws {
        guard !hints.isEmpty else { return }
        try await client.transaction(retrying: Self.conflictsMax) { transaction in
            try Self.forget(hints, in: transaction)
        }
    }

    private static func forget(_ hints: [Hint], in transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE tasks t SET hint_expires = NULL
            FROM (
                SELECT t.id FROM unnest(
                    \(hints.map(\.task.uuid))::uuid[], \(hints.map(\.attempt))::int[]
                ) AS c(task, attempt) JOIN tasks t ON t.id = c.task AND t.attempt = c.attempt
                WHERE t.state = 'queued' ORDER BY t.id FOR UPDATE OF t
            ) c
            WHERE t.id = c.id
            """)
    }

    /// Compares a lane's unclaimed hints with what its queue still holds: what the broker lost is to be sent again, the
    /// rest is given more time.
    ///
    /// All hints count, as the queue holds young ones too, but only old ones are changed. Which of them were lost
    /// cannot be told: the oldest are taken for it, and a wrong guess costs a repeated hint.
    ///
    /// - Parameters:
    ///   - age: only hints published longer ago than this are changed, the others may be on their way.
    ///   - queueDepth: how many messages wait in the lane's queue.
    /// - Returns: how many hints will be sent again.
    package func reconcile(
        _ lane: Lane, queueDepth: Int, olderThan age: Duration, window: DispatchWindow
    ) async throws -> Int {
        let rows = try await client.query(
            """
            WITH waiting AS (
                SELECT id, hint_expires < now() + make_interval(secs => \((window.hintLife - age).seconds)) AS is_old,
                    row_number() OVER (ORDER BY hint_expires, id) AS place, count(*) OVER () AS total
                FROM tasks
                WHERE kind = \(lane.kind.rawValue) AND machine_class = \(lane.machineClass)
                    AND priority = \(lane.priority.rawValue) AND state = 'queued'
                    AND hint_expires > now() + make_interval(secs => \(Self.keptBackSecondsMax))
            ), free AS (
                SELECT id FROM tasks WHERE id IN (SELECT id FROM waiting WHERE is_old)
                ORDER BY id FOR UPDATE SKIP LOCKED
            )
            UPDATE tasks t SET hint_expires = CASE WHEN w.place <= w.total - \(queueDepth) THEN NULL
                ELSE now() + make_interval(secs => \(window.hintLife.seconds)) END
            FROM waiting w JOIN free USING (id)
            WHERE t.id = w.id AND t.state = 'queued'
                -- It may have been kept back meanwhile: then no queue holds it.
                AND t.hint_expires > now() + make_interval(secs => \(Self.keptBackSecondsMax))
            RETURNING t.hint_expires IS NULL AS lost
            """)
        return try rows.count { try $0.decode("lost", as: Bool.self) }
    }
}
