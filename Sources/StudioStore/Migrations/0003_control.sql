-- type: reversible
-- rollback_plan: drop the table worker_health, the columns and the indexes that this file adds, and recreate the index tasks_waiting of 0001_runs
-- verification_query: SELECT count(*) = 6 FROM information_schema.columns WHERE table_schema = current_schema() AND (table_name, column_name) IN (('runs', 'deadline_at'), ('tasks', 'attempts_allowed'), ('tasks', 'attempts_base'), ('tenants', 'weight'), ('attempts', 'load_seconds'), ('workers', 'desired_state'))
-- backfill_plan: none, every default is right for the rows that are there
-- owner: orchestrator
-- ticket: execution-semantics

-- What is not done by then is given up.
ALTER TABLE runs ADD COLUMN deadline_at timestamptz;
CREATE INDEX runs_by_deadline ON runs (deadline_at) WHERE deadline_at IS NOT NULL AND finished_at IS NULL;

-- A task that a user has done once more begins a new life: attempts up to `attempts_base` belong to those before.
ALTER TABLE tasks
    ADD COLUMN attempts_allowed integer NOT NULL DEFAULT 3 CHECK (attempts_allowed > 0),
    ADD COLUMN attempts_base integer NOT NULL DEFAULT 0 CHECK (attempts_base BETWEEN 0 AND attempt);
UPDATE tasks SET attempts_allowed = attempts_max;

-- How much of a lane's window a tenant gets, in proportion to the others that have work in it.
ALTER TABLE tenants ADD COLUMN weight integer NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 1000);
DROP INDEX tasks_waiting;
CREATE INDEX tasks_waiting ON tasks (kind, machine_class, priority, tenant_id, queued_at)
    WHERE state IN ('queued', 'retrying');
CREATE INDEX tasks_hinted ON tasks (kind, machine_class, priority, tenant_id)
    WHERE state = 'queued' AND hint_expires IS NOT NULL;

-- How long it took to load models, which is part of `compute_seconds`.
ALTER TABLE attempts ADD COLUMN load_seconds double precision;

-- What an operator wants of a worker; it is told with its next heartbeat, and refused claims until then.
ALTER TABLE workers ADD COLUMN desired_state text NOT NULL DEFAULT 'active'
    CHECK (desired_state IN ('active', 'paused', 'draining'));

-- How a worker has done lately, by its name: that stays when its process is started again, as its GPU does.
CREATE TABLE worker_health (
    name text PRIMARY KEY,
    -- Of different tasks, one after the other, with no success in between.
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    last_task uuid,
    -- How often it was quarantined since its last success; while above 0 it gets one task at a time.
    strikes integer NOT NULL DEFAULT 0 CHECK (strikes >= 0),
    quarantined_until timestamptz,
    detail text,
    updated_at timestamptz NOT NULL DEFAULT now()
);
