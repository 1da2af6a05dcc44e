import Postgres

extension Invariants {
    private static let terminal: SQL = "('succeeded', 'failed', 'canceled', 'skipped')"

    static var rules: [Rule] { endings + leases + fences + artifacts + events + order + cancels }

    /// I1, I9: everything ends, and is counted once.
    private static var endings: [Rule] {
        [
            Rule(
                name: "I1 a run has not ended",
                offenders: "SELECT id::text AS what FROM runs WHERE state NOT IN \(fragment: terminal)"),
            Rule(
                name: "I1 a task has not ended",
                offenders: "SELECT id::text AS what FROM tasks WHERE state NOT IN \(fragment: terminal)"),
            Rule(
                name: "I1 a run's counters are not those of its tasks",
                offenders: """
                    SELECT r.id::text AS what FROM runs r LEFT JOIN tasks t ON t.run_id = r.id GROUP BY r.id
                    HAVING r.tasks_total <> count(t.id)
                        OR r.tasks_succeeded <> count(*) FILTER (WHERE t.state = 'succeeded')
                        OR r.tasks_failed <> count(*) FILTER (WHERE t.state = 'failed')
                        OR r.tasks_canceled <> count(*) FILTER (WHERE t.state = 'canceled')
                        OR r.tasks_skipped <> count(*) FILTER (WHERE t.state = 'skipped')
                    """),
            Rule(
                name: "I1 a run did not end as its tasks did",
                offenders: """
                    SELECT id::text AS what FROM runs WHERE finished_at IS NULL OR state <>
                        CASE WHEN reason->>'code' = 'canceled_by_user' THEN 'canceled'
                            WHEN reason->>'code' = 'deadline_exceeded' OR tasks_failed > 0 THEN 'failed'
                            WHEN tasks_canceled > 0 THEN 'canceled' ELSE 'succeeded' END
                    """),
            Rule(
                name: "I9 a task failed with attempts left, and neither its input nor dead workers are to blame",
                offenders: """
                    SELECT id::text || ' ' || coalesce(reason->>'code', '?') AS what FROM tasks
                    WHERE state = 'failed' AND attempt < attempts_max
                        AND coalesce(reason->>'errorClass', '') NOT IN ('user_error', 'billing', 'poison')
                    """),
            Rule(
                name: "I9 a task is called poison, and fewer than two workers died of it",
                offenders: """
                    SELECT t.id::text AS what FROM tasks t LEFT JOIN attempts a ON a.task_id = t.id
                        AND a.attempt > t.attempts_base AND a.outcome = 'expired'
                    WHERE t.state = 'failed' AND t.reason->>'errorClass' = 'poison' GROUP BY t.id
                    HAVING count(DISTINCT a.worker_id) < 2
                    """),
            Rule(
                name: "I9 a task had more attempts than it may have, or one that is not in the ledger",
                offenders: """
                    SELECT t.id::text AS what FROM tasks t LEFT JOIN attempts a ON a.task_id = t.id GROUP BY t.id
                    HAVING t.attempt > t.attempts_max OR count(a.attempt) <> t.attempt
                        OR coalesce(max(a.attempt), 0) <> t.attempt
                    """),
        ]
    }

    /// I2: one lease at a time, and none that outlives its task.
    private static var leases: [Rule] {
        [
            Rule(
                name: "I2 a task that has ended is leased",
                offenders: """
                    SELECT id::text AS what FROM tasks
                    WHERE state IN \(fragment: terminal) AND (lease_owner IS NOT NULL OR lease_expires IS NOT NULL)
                    """),
            Rule(
                name: "I2 an attempt began before the one before it had ended",
                offenders: """
                    SELECT b.task_id::text AS what FROM attempts a
                    JOIN attempts b ON b.task_id = a.task_id AND b.attempt = a.attempt + 1
                    WHERE a.ended_at IS NULL OR b.claimed_at < a.ended_at
                    """),
            Rule(
                name: "I2 an attempt of a task that has ended is open",
                offenders: """
                    SELECT a.task_id::text AS what FROM attempts a JOIN tasks t ON t.id = a.task_id
                    WHERE t.state IN \(fragment: terminal) AND (a.ended_at IS NULL OR a.outcome IS NULL)
                    """),
        ]
    }

    /// I3, I4: only the last attempt counts, and what has ended stays so.
    private static var fences: [Rule] {
        [
            Rule(
                name: "I3 a task did not succeed by exactly one attempt, its last, or a failed one has such an attempt",
                offenders: """
                    SELECT t.id::text AS what FROM tasks t
                    LEFT JOIN attempts a ON a.task_id = t.id AND a.outcome = 'succeeded' GROUP BY t.id
                    HAVING count(a.attempt) <> (t.state = 'succeeded')::int
                        OR (t.state = 'succeeded' AND max(a.attempt) <> t.attempt)
                    """),
            Rule(
                name: "I4 a task did not end exactly once in each of its lives, as its last event",
                offenders: """
                    SELECT t.id::text AS what FROM tasks t LEFT JOIN run_events e ON e.task_id = t.id GROUP BY t.id
                    HAVING count(*) FILTER (WHERE e.state IN \(fragment: terminal)) <>
                            1 + count(*) FILTER (WHERE e.state = 'blocked')
                        OR max(e.seq) <> max(e.seq) FILTER (WHERE e.state = t.state)
                    """),
            Rule(
                name: "I4 a task has not one event for each claim",
                offenders: """
                    SELECT t.id::text AS what FROM tasks t LEFT JOIN run_events e ON e.task_id = t.id GROUP BY t.id
                    HAVING count(*) FILTER (WHERE e.state = 'running') <> t.attempt
                    """),
        ]
    }

    /// I3, I5: the outputs of the attempt that counts, each once.
    private static var artifacts: [Rule] {
        [
            Rule(
                name: "I5 a task has not one artifact for each output when it succeeded, and none when not",
                offenders: """
                    SELECT t.id::text AS what FROM tasks t LEFT JOIN artifacts a ON a.task_id = t.id GROUP BY t.id
                    HAVING coalesce(array_agg(a.name ORDER BY a.position) FILTER (WHERE a.id IS NOT NULL), '{}') <>
                        CASE WHEN t.state = 'succeeded' THEN t.outputs ELSE '{}' END
                    """),
            Rule(
                name: "I3 an artifact is not of the attempt that succeeded",
                offenders: """
                    SELECT a.id::text AS what FROM artifacts a JOIN tasks t ON t.id = a.task_id
                    WHERE a.attempt <> t.attempt OR a.run_id <> t.run_id OR t.outputs[a.position + 1] <> a.name
                    """),
        ]
    }

    /// The log of a run has no gaps, and ends where the run does.
    private static var events: [Rule] {
        [
            Rule(
                name: "I4 a run's events have gaps, or do not end with its end",
                offenders: """
                    SELECT r.id::text AS what FROM runs r LEFT JOIN run_events e ON e.run_id = r.id GROUP BY r.id
                    HAVING coalesce(min(e.seq), 0) <> 1 OR max(e.seq) <> count(*) OR max(e.seq) <> r.event_seq
                        OR count(*) FILTER (WHERE e.task_id IS NULL AND e.state IN \(fragment: terminal)) <>
                            1 + count(*) FILTER (WHERE e.type = 'run.reopened')
                        OR max(e.seq) <> max(e.seq) FILTER (WHERE e.task_id IS NULL AND e.state = r.state)
                    """)
        ]
    }

    /// I10: nothing begins before its inputs are there.
    private static var order: [Rule] {
        [
            Rule(
                name: "I10 an attempt began before an input of it was there",
                offenders: """
                    SELECT a.task_id::text AS what FROM attempts a
                    JOIN tasks t ON t.id = a.task_id AND a.attempt > t.attempts_base
                    JOIN task_dependencies d ON d.task_id = a.task_id JOIN tasks p ON p.id = d.depends_on
                    WHERE p.state <> 'succeeded' OR p.finished_at > a.claimed_at
                    """),
            Rule(
                name: "I10 a task succeeded while it still waited",
                offenders: "SELECT id::text AS what FROM tasks WHERE state = 'succeeded' AND waiting_on <> 0"),
        ]
    }

    /// I8: what was canceled makes nothing any more.
    private static var cancels: [Rule] {
        [
            Rule(
                name: "I8 a task succeeded after its run was canceled",
                offenders: """
                    SELECT DISTINCT e.task_id::text AS what FROM run_events c
                    JOIN run_events e ON e.run_id = c.run_id AND e.seq > c.seq AND e.task_id IS NOT NULL
                    WHERE c.task_id IS NULL AND c.state IN ('canceling', 'canceled') AND e.state = 'succeeded'
                        AND NOT EXISTS (
                            SELECT FROM run_events r WHERE r.run_id = c.run_id AND r.type = 'run.reopened'
                                AND r.seq BETWEEN c.seq AND e.seq)
                    """)
        ]
    }
}
