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
        (\(fragment: worker).last_seen > now() - make_interval(secs => \(aliveSeconds))
            AND NOT \(fragment: worker).draining AND \(fragment: worker).desired_state = 'active'
            AND NOT EXISTS (
                SELECT FROM worker_health away
                WHERE away.name = \(fragment: worker).name AND away.quarantined_until > now())
            AND \(fragment: canDo(worker)))
        """
    }

    /// Whether the task `t` ran out of memory on a GPU no smaller than that of the worker `w`, while a worker is there
    /// whose GPU is larger, and no smaller than the largest on which it did.
    static let isTooSmall: SQL = """
        EXISTS (
            SELECT FROM (
                SELECT max(s.vram_mib) AS mib FROM attempts f JOIN workers s ON s.id = f.worker_id
                WHERE f.task_id = t.id AND f.attempt > t.attempts_base AND f.code = \(TaskFailure.outOfMemoryCode)
            ) tried
            WHERE tried.mib > 0 AND w.vram_mib <= tried.mib AND EXISTS (
                SELECT FROM workers o
                WHERE o.vram_mib >= tried.mib AND o.vram_mib > w.vram_mib AND \(fragment: serves("o"))))
        """
}
