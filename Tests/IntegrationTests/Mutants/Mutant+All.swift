extension Mutant {
    static let all = claims + leases + reports + dependents + hints + wishes + readings + bookkeeping

    private static let claims = [
        Mutant(
            "a claim does not look at the attempt", in: "phase = 'dispatched'",
            ["t.attempt = c.attempt AND t.state IN": "t.state IN"]),
        Mutant(
            "a claim does not look at the state", in: "phase = 'dispatched'",
            [
                "AND state IN ('queued', 'retrying') ORDER BY id FOR UPDATE": "ORDER BY id FOR UPDATE",
                "t.attempt = c.attempt AND t.state IN ('queued', 'retrying')": "t.attempt = c.attempt",
            ]),
        Mutant(
            "a claim is granted again to a worker that knows of it", in: "t.progress_done IS NULL",
            [" AND t.progress_done IS NULL": ""]),
        Mutant(
            "a claim is granted again when its lease has run out", in: "t.progress_done IS NULL",
            ["t.lease_expires > now() AND ": ""]),
        Mutant(
            "a worker that is to hold still gets work", in: "turned_away",
            ["w.desired_state <> 'active'": "false"]),
        Mutant(
            "a worker gets what it has just failed at", in: "turned_away",
            ["IN ('resource', 'temporary')": "IN ('resource')"]),
        Mutant(
            "a worker gets what it has just failed at when it is started again", in: "turned_away",
            ["a.worker_name = w.name": "a.worker_id = w.id"]),
        Mutant(
            "a worker that is on trial gets as much as it asks for at once", in: "turned_away",
            ["c.turn > 1": "false"]),
    ]

    private static let leases = [
        Mutant(
            "a renewal does not look at the attempt", in: "progress_done = c.done",
            ["t.attempt = c.attempt AND ": ""]),
        Mutant(
            "a renewal does not look at the owner", in: "progress_done = c.done",
            [" AND t.lease_owner = c.worker": ""]),
        Mutant(
            "a lease is renewed for ever", in: "progress_done = c.done",
            ["> now()) IS NOT FALSE": "> now()) IS DISTINCT FROM NULL"]),
        Mutant(
            "an upload does not look at the attempt", in: "SELECT run_id, outputs, state",
            [" AND attempt = ": " AND 0 < "]),
        Mutant(
            "an upload does not look at the owner", in: "SELECT run_id, outputs, state",
            [" AND lease_owner = ": " AND id <> "]),
        Mutant(
            "an upload does not look at the state", in: "SELECT run_id, outputs, state",
            ["state = 'canceling' AS": "false AS"]),
        Mutant(
            "the reaper does not look again when it holds the lock", in: "AS owner_lives",
            [" AND lease_expires < now()": ""]),
        Mutant(
            "the dead of a task's earlier life count", in: "AS owner_lives",
            ["a.attempt > attempts_base AND ": ""]),
        Mutant(
            "a task that its worker held up is given back as if we had been away", in: "AS owner_lives",
            ["IS NOT FALSE": "IS DISTINCT FROM NULL"]),
        Mutant(
            "workers that run what was not canceled are told to stop", in: "SELECT id, attempt, lease_owner FROM tasks",
            ["state = 'canceling' AND ": ""]),
    ]

    private static let reports = [
        Mutant(
            "a report does not look for a lease", in: "AS owner_lives",
            [" AND state IN ('running', 'canceling') ORDER BY id FOR UPDATE": " ORDER BY id FOR UPDATE"]),
        Mutant(
            "no lock on the run", in: "AS has_started",
            [" ORDER BY id FOR UPDATE": " ORDER BY id"]),
        Mutant(
            "a run does not count what failed", in: "UPDATE runs r SET",
            ["tasks_failed = c.failed, ": ""]),
        Mutant(
            "what may begin again does so in a paused run", in: "attempts_max = t.attempts_max + c.credit",
            ["CASE WHEN r.state = 'paused' AND": "CASE WHEN false AND"]),
        Mutant(
            "an attempt handed back is not given back", in: "attempts_max = t.attempts_max + c.credit",
            ["t.attempts_max + c.credit": "t.attempts_max"]),
        Mutant(
            "what a worker lost goes to the end of the line", in: "attempts_max = t.attempts_max + c.credit",
            ["c.terminal OR c.keeps_place": "c.terminal"]),
    ]

    private static let dependents = [
        Mutant(
            "a dependent is forgotten", in: "WITH arrived AS",
            ["GROUP BY task_id": "GROUP BY task_id LIMIT 1"]),
        Mutant(
            "a dependent begins with its first input", in: "WITH arrived AS",
            ["WHEN t.waiting_on > a.outputs THEN t.state": "WHEN false THEN t.state"]),
        Mutant(
            "a dependent that has ended begins", in: "WITH arrived AS",
            [" AND t.state = 'blocked'": ""]),
        Mutant(
            "a dependent begins in a paused run", in: "WITH arrived AS",
            ["WHEN r.state = 'paused' THEN 'paused'": "WHEN false THEN 'paused'"]),
        Mutant(
            "only direct dependents are skipped", in: "RECURSIVE doomed",
            [
                "SELECT d.task_id FROM task_dependencies d JOIN doomed ON d.depends_on = doomed.id":
                    "SELECT id FROM doomed"
            ]),
        Mutant(
            "a dependent that has ended is skipped", in: "RECURSIVE doomed",
            [" AND t.state = 'blocked'": ""]),
    ]

    private static let hints = [
        Mutant(
            "a hint on its way is sent again", in: "WITH lanes AS",
            ["(t.hint_expires IS NULL OR t.hint_expires <= now())": "true"]),
        Mutant(
            "a hint never expires", in: "WITH lanes AS",
            ["(t.hint_expires IS NULL OR t.hint_expires <= now())": "t.hint_expires IS NULL"]),
        Mutant(
            "a task is offered before its time", in: "WITH lanes AS",
            [" AND t.run_at <= now()": ""]),
        Mutant(
            "a dispatcher waits for rows that somebody holds", in: "WITH lanes AS",
            ["FOR UPDATE OF t SKIP LOCKED": "FOR UPDATE OF t"]),
        Mutant(
            "a dispatcher locks nothing that it picks", in: "WITH lanes AS",
            ["FOR UPDATE OF t SKIP LOCKED": ""]),
        Mutant(
            "an old hint that was not sent makes a newer one forgotten", in: "SET hint_expires = NULL",
            [" AND t.attempt = c.attempt": ""]),
        Mutant(
            "the reconciler does not ask how much the queue holds", in: "WITH waiting AS",
            ["w.place <= w.total - ": "w.place <= w.total - 0 * "]),
        Mutant(
            "a lost hint hides behind younger ones", in: "WITH waiting AS",
            ["count(*) OVER ()": "count(*) FILTER (WHERE hint_expires < now() + interval '20 seconds') OVER ()"]),
        Mutant(
            "what may still be on its way is taken for lost", in: "WITH waiting AS",
            ["WHERE is_old": "WHERE true"]),
        Mutant(
            "what is kept back is taken for lost", in: "WITH waiting AS",
            ["hint_expires > now() + make": "hint_expires > now() - make"]),
        Mutant(
            "what is kept back takes up the window", in: "WITH lanes AS",
            ["t.hint_expires > now() + make": "t.hint_expires > now() - make"]),
    ]

    private static let wishes = [
        Mutant(
            "an idempotency key is taken twice", in: "INSERT INTO idempotency_keys",
            ["DO NOTHING": "DO UPDATE SET run_id = excluded.run_id"]),
        Mutant(
            "a run that is done once more keeps its artifacts", in: "attempts_base = t.attempt",
            ["DELETE FROM artifacts WHERE": "DELETE FROM artifacts WHERE false AND"]),
        Mutant(
            "a run that is done once more keeps its success", in: "attempts_base = t.attempt",
            ["SET outcome = 'superseded'": "SET outcome = outcome"]),
        Mutant(
            "a run is given up before its deadline", in: "deadline_at < now()",
            ["deadline_at < now()": "deadline_at IS NOT NULL"]),
        Mutant(
            "a run that is taken up again has the deadline that it had", in: "secs => deadline_seconds",
            ["now() + make_interval(secs => deadline_seconds)": "deadline_at"]),
        Mutant(
            "a wish gives a task the state that others get", in: "SET state = c.target, hint_expires = NULL",
            [" AND chosen.state = c.source": ""]),
    ]

    private static let readings = [
        Mutant(
            "a stranger reads a run", in: "SELECT * FROM runs",
            ["WHERE tenant_id = ": "WHERE id <> "]),
        Mutant(
            "a stranger reads a task", in: "t.progress_done,",
            ["WHERE t.tenant_id = ": "WHERE t.id <> "]),
        Mutant(
            "a stranger reads an artifact", in: "encode(a.sha256, 'hex')",
            ["WHERE a.tenant_id = ": "WHERE a.id <> "]),
        Mutant(
            "an object that a row shows is garbage", in: "AS standing",
            ["EXISTS (SELECT FROM artifacts a WHERE a.object_key = c.key)": "false"]),
        Mutant(
            "an object that may still be reported is garbage", in: "AS standing",
            ["WHEN t.attempt = c.attempt AND t.state IN ('running', 'canceling') THEN 'live'": ""]),
    ]
}
