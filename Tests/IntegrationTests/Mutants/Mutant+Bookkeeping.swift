extension Mutant {
    // Who is to have no work, what is waited for, and what costs whom.
    static let bookkeeping = [
        Mutant(
            "a cancel is no reason to end only what was canceled", in: "ORDER BY lease_expires LIMIT",
            ["AND state = ANY(": "AND 'canceling' = ANY("]),
        Mutant(
            "a look that comes late ends what has run out since it began", in: "ORDER BY lease_expires LIMIT",
            ["least(now(), ": "greatest(now(), "]),
        Mutant(
            "a canary may fail the same task again and again", in: "strikes = strikes + 1",
            ["last_task = NULL, ": ""]),
        Mutant(
            "failures of one task count as those of many", in: "INSERT INTO worker_health",
            [" FILTER (WHERE c.task IS DISTINCT FROM b.last_task)": ""]),
        Mutant(
            "a worker that was paused works when it is started again", in: "INSERT INTO workers",
            ["ELSE 'paused' END": "ELSE 'active' END"]),
        Mutant(
            "a task that ran out of memory waits for no larger worker", in: "WITH turned_away",
            ["tried.until > now()": "false"]),
        Mutant(
            "a task that ran out of memory waits for a larger worker for ever", in: "WITH turned_away",
            [" AND tried.until > now()": ""]),
        Mutant(
            "a task that ran out of memory waits for no worker that is paused", in: "WITH turned_away",
            ["o.desired_state <> 'draining'": "o.desired_state = 'active'"]),
        Mutant(
            "one kind's retries get in line behind another one's", in: "AS is_exhausted",
            [" AND o.kind = t.kind": ""]),
        Mutant(
            "one kind's retries use up another one's budget", in: "AS waiting FROM tasks",
            [" AND b.kind = n.kind": ""]),
        Mutant(
            "retries of a kind that wait do not use up its budget", in: "AS waiting FROM tasks",
            ["a.retries + q.waiting": "a.retries"]),
    ]
}
