import Postgres
import StudioCore

/// Which worker may have which task, in SQL: the same as ``TaskRequirements/obstacle(for:)`` says of one pair.
enum WorkerFitness {
    static let aliveSeconds = TaskLease.silenceSecondsMax

    /// Whether the worker can do the task `t`, busy or not.
    ///
    /// One that is not there, because it has not said hello yet, can do what asks for nothing.
    ///
    /// - Parameter worker: its row's alias.
    static func canDo(_ worker: SQL) -> SQL {
        """
        (coalesce(t.kind = ANY(\(fragment: worker).kinds), true) AND (t.needs IS NULL OR coalesce(
            (t.needs->>'model' IS NULL OR \(fragment: worker).models = '{}'
                OR t.needs->>'model' = ANY(\(fragment: worker).models))
            AND \(fragment: worker).vram_mib >= (t.needs->>'vram_mib')::int
            AND \(fragment: worker).labels @> (t.needs->'labels'), false)))
        """
    }

    /// Whether the worker is there, takes work, and can do the task `t`.
    ///
    /// - Parameter worker: its row's alias; never null.
    static func serves(_ worker: SQL) -> SQL {
        """
        (\(fragment: isThere(worker)) AND \(fragment: worker).desired_state = 'active'
            AND NOT EXISTS (
                SELECT FROM worker_health away
                WHERE away.name = \(fragment: worker).name AND away.quarantined_until > now())
            AND \(fragment: canDo(worker)))
        """
    }

    /// Whether the worker is there to stay, although it may take no work for now.
    private static func isThere(_ worker: SQL) -> SQL {
        """
        (\(fragment: worker).last_seen > now() - make_interval(secs => \(aliveSeconds))
            AND NOT \(fragment: worker).draining AND \(fragment: worker).desired_state <> 'draining')
        """
    }

    /// How long a task that ran out of memory waits for a larger worker at most, in seconds: that one may be paused, or
    /// have stopped claiming for reasons of its own, and no one knows for how long.
    static let largerSeconds = 600.0

    /// The workers `o` that are larger than the worker `w`, and that the task `t` waits for instead, because it ran out
    /// of memory on a GPU no smaller than that of `w`: those no smaller than the largest on which it did.
    ///
    /// - Parameter columns: of `o`, and `until`, when the wait is over.
    static func larger(_ columns: SQL) -> SQL {
        """
        SELECT \(fragment: columns) FROM (
            SELECT max(s.vram_mib) AS mib, max(f.ended_at) + make_interval(secs => \(largerSeconds)) AS until
            FROM attempts f JOIN workers s ON s.id = f.worker_id
            WHERE f.task_id = t.id AND f.attempt > t.attempts_base AND f.code = \(TaskFailure.outOfMemoryCode)
        ) tried JOIN workers o ON o.vram_mib >= tried.mib AND o.vram_mib > w.vram_mib
        WHERE tried.mib > 0 AND w.vram_mib <= tried.mib AND tried.until > now()
            AND \(fragment: isThere("o")) AND \(fragment: canDo("o"))
        """
    }

    /// Whether the task `t` waits for a worker larger than the worker `w`.
    static let isTooSmall: SQL = "EXISTS (\(fragment: larger("")))"
}
