-- type: reversible
-- rollback_plan: drop the columns and the indexes that this file adds, and recreate the indexes tasks_again, tasks_due_again and attempts_recent of 0004_placement
-- verification_query: SELECT count(*) = 3 FROM information_schema.columns WHERE table_schema = current_schema() AND (table_name, column_name) IN (('runs', 'deadline_seconds'), ('attempts', 'kind'), ('attempts', 'worker_name'))
-- backfill_plan: from what is there, in this file; attempts of a hub of the version before have no kind and no name
-- owner: orchestrator
-- ticket: execution-semantics

-- How long the run may take from its submission, and again from each time that it is taken up again.
ALTER TABLE runs ADD COLUMN deadline_seconds double precision;
UPDATE runs SET deadline_seconds = extract(epoch FROM deadline_at - created_at) WHERE deadline_at IS NOT NULL;

-- What the attempt was for and who made it, also when its worker has been forgotten.
ALTER TABLE attempts ADD COLUMN kind text, ADD COLUMN worker_name text;
UPDATE attempts a SET kind = t.kind, worker_name = (SELECT w.name FROM workers w WHERE w.id = a.worker_id)
    FROM tasks t WHERE t.id = a.task_id;

-- The budget of retries is that of a tenant for one kind.
DROP INDEX attempts_recent;
CREATE INDEX attempts_recent ON attempts (tenant_id, kind, claimed_at) INCLUDE (is_retry);
DROP INDEX tasks_again;
CREATE INDEX tasks_again ON tasks (tenant_id, kind, state, run_at)
    WHERE state IN ('queued', 'retrying') AND attempt > attempts_base;
DROP INDEX tasks_due_again;
CREATE INDEX tasks_due_again ON tasks (run_at) INCLUDE (tenant_id, kind)
    WHERE state = 'retrying' AND parked IS NULL AND attempt > attempts_base;

-- A worker that is started again is found by its name.
CREATE INDEX workers_by_name ON workers (name, registered_at);
-- What is old enough is forgotten.
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
