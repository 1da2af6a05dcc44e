-- type: reversible
-- rollback_plan: drop the columns and the indexes that this file adds, and recreate the index tasks_waiting of 0003_control
-- verification_query: SELECT count(*) = 5 FROM information_schema.columns WHERE table_schema = current_schema() AND (table_name, column_name) IN (('workers', 'models'), ('workers', 'vram_mib'), ('tasks', 'needs'), ('tasks', 'parked'), ('attempts', 'is_retry'))
-- backfill_plan: none, every default is right for the rows that are there; workers say what they can with their next hello
-- owner: orchestrator
-- ticket: execution-semantics

-- The models a worker can load, any when there is none; the memory of its GPU, 0 when that is not known.
ALTER TABLE workers
    ADD COLUMN models text[] NOT NULL DEFAULT '{}',
    ADD COLUMN vram_mib integer NOT NULL DEFAULT 0 CHECK (vram_mib >= 0);

-- What a worker must be able to do to get the task: {"model": …, "vram_mib": …, "labels": {…}}; any will do when null.
-- A parked task is not offered to anybody until what it waits for is there.
ALTER TABLE tasks
    ADD COLUMN needs jsonb,
    ADD COLUMN parked text CHECK (parked IN ('capability', 'retry_budget'));
DROP INDEX tasks_waiting;
CREATE INDEX tasks_waiting ON tasks (kind, machine_class, priority, tenant_id, queued_at)
    WHERE state IN ('queued', 'retrying') AND parked IS NULL;
CREATE INDEX tasks_parked ON tasks (kind) WHERE parked IS NOT NULL;
CREATE INDEX tasks_again ON tasks (tenant_id, state, run_at)
    WHERE state IN ('queued', 'retrying') AND attempt > attempts_base;
-- The dispatcher looks for these many times a second: those that are parked must not be in its way.
CREATE INDEX tasks_due_again ON tasks (run_at) INCLUDE (tenant_id)
    WHERE state = 'retrying' AND parked IS NULL AND attempt > attempts_base;
-- What gauges are counted from, without a look at the rows themselves.
CREATE INDEX tasks_open ON tasks (kind, state) INCLUDE (queued_at, run_at, hint_expires, parked)
    WHERE state IN ('blocked', 'queued', 'running', 'retrying', 'paused', 'canceling');

-- Whether the attempt repeats one that failed.
ALTER TABLE attempts ADD COLUMN is_retry boolean NOT NULL DEFAULT false;
CREATE INDEX attempts_recent ON attempts (tenant_id, claimed_at) INCLUDE (is_retry);
