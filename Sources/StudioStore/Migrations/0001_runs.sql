-- type: reversible
-- rollback_plan: drop the tables in the reverse of their order, then the extension; nothing else refers to them
-- verification_query: SELECT count(*) = 10 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name IN ('tenants', 'runs', 'shots', 'tasks', 'task_dependencies', 'attempts', 'artifacts', 'run_events', 'idempotency_keys', 'entities')
-- backfill_plan: none, the tables are new
-- owner: orchestrator
-- ticket: walking-skeleton

-- Not in the schema of the tables: several of those may share a database, as they do in tests.
CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO tenants (id, name) VALUES ('00000000-0000-7000-8000-000000000001', 'standard');

-- A run's row is the lock of everything in it: whoever changes the state of a task locks its run first, in id order.
-- The counters and event_seq are therefore never raced for.
CREATE TABLE runs (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants,
    title text NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'running', 'paused', 'canceling', 'succeeded', 'failed', 'canceled')),
    reason jsonb,
    priority text NOT NULL CHECK (priority IN ('interactive', 'batch')),
    spec jsonb NOT NULL,
    frames integer NOT NULL CHECK (frames >= 0),
    fps_numerator integer NOT NULL CHECK (fps_numerator > 0),
    fps_denominator integer NOT NULL CHECK (fps_denominator > 0),
    width integer NOT NULL,
    height integer NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    labels text[] NOT NULL DEFAULT '{}',
    tasks_total integer NOT NULL CHECK (tasks_total > 0),
    tasks_succeeded integer NOT NULL DEFAULT 0,
    tasks_failed integer NOT NULL DEFAULT 0,
    tasks_canceled integer NOT NULL DEFAULT 0,
    tasks_skipped integer NOT NULL DEFAULT 0,
    event_seq bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    UNIQUE (tenant_id, id),
    CHECK (tasks_succeeded + tasks_failed + tasks_canceled + tasks_skipped <= tasks_total)
);
CREATE INDEX runs_by_age ON runs (tenant_id, id DESC);

CREATE TABLE shots (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    name text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    prompt text NOT NULL,
    frames integer NOT NULL CHECK (frames > 0),
    start_frame integer NOT NULL CHECK (start_frame >= 0),
    UNIQUE (tenant_id, id),
    UNIQUE (run_id, number),
    UNIQUE (run_id, name),
    FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    shot_id uuid,
    key text NOT NULL,
    kind text NOT NULL,
    machine_class text NOT NULL,
    priority text NOT NULL,
    state text NOT NULL CHECK (state IN (
        'blocked', 'queued', 'running', 'retrying', 'paused', 'canceling', 'succeeded', 'failed', 'canceled', 'skipped')),
    -- The fencing token: raised by each claim, never lowered. Nothing an older attempt says is applied.
    attempt integer NOT NULL DEFAULT 0,
    -- Raised by one when a worker hands the task back unharmed, so that a rolling restart costs no attempt.
    attempts_max integer NOT NULL CHECK (attempts_max > 0),
    waiting_on integer NOT NULL CHECK (waiting_on >= 0),
    spec jsonb NOT NULL,
    -- The names of the files it must make; the first is what dependents receive.
    outputs text[] NOT NULL,
    run_at timestamptz NOT NULL DEFAULT now(),
    -- A hint is on its way to a worker until then; later, another one may be sent.
    hint_expires timestamptz,
    lease_owner uuid,
    lease_expires timestamptz,
    phase text,
    progress_done bigint,
    progress_total bigint,
    progress_unit text,
    reason jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    queued_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    UNIQUE (tenant_id, id),
    UNIQUE (run_id, key),
    CHECK (attempt <= attempts_max),
    CHECK ((state IN ('running', 'canceling')) = (lease_owner IS NOT NULL AND lease_expires IS NOT NULL)),
    FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, shot_id) REFERENCES shots (tenant_id, id) ON DELETE CASCADE
) WITH (fillfactor = 80);
CREATE INDEX tasks_waiting ON tasks (kind, machine_class, priority, queued_at) WHERE state IN ('queued', 'retrying');
CREATE INDEX tasks_leased ON tasks (lease_expires) WHERE state IN ('running', 'canceling');

CREATE TABLE task_dependencies (
    tenant_id uuid NOT NULL,
    task_id uuid NOT NULL,
    input text NOT NULL,
    depends_on uuid NOT NULL,
    PRIMARY KEY (task_id, input),
    FOREIGN KEY (tenant_id, task_id) REFERENCES tasks (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, depends_on) REFERENCES tasks (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX task_dependents ON task_dependencies (depends_on);

-- The ledger: one row an attempt, written when it begins and once more when it ends.
CREATE TABLE attempts (
    tenant_id uuid NOT NULL,
    task_id uuid NOT NULL,
    attempt integer NOT NULL CHECK (attempt > 0),
    worker_id uuid NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    outcome text,
    error_class text,
    code text,
    detail text,
    queue_seconds double precision NOT NULL,
    download_seconds double precision,
    compute_seconds double precision,
    upload_seconds double precision,
    PRIMARY KEY (task_id, attempt),
    FOREIGN KEY (tenant_id, task_id) REFERENCES tasks (tenant_id, id) ON DELETE CASCADE
);

-- An object is an artifact only because a row here says so: one for each output of a task.
CREATE TABLE artifacts (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    task_id uuid NOT NULL,
    attempt integer NOT NULL,
    name text NOT NULL,
    -- The place in the task's declared outputs; dependents receive number 0.
    position integer NOT NULL CHECK (position >= 0),
    object_key text NOT NULL UNIQUE,
    content_type text NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    media jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (task_id, name),
    FOREIGN KEY (tenant_id, task_id) REFERENCES tasks (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX artifacts_by_run ON artifacts (run_id);

-- Numbered without gaps within a run, in the order of commits, because the run's row is locked meanwhile.
CREATE TABLE run_events (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    type text NOT NULL,
    state text NOT NULL,
    -- Of a task's event; nothing for a run's.
    task_id uuid,
    attempt integer,
    attempts_max integer,
    reason jsonb,
    PRIMARY KEY (run_id, seq),
    FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL REFERENCES tenants,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash text NOT NULL,
    run_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key),
    FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE entities (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('character', 'place')),
    name text NOT NULL,
    description text NOT NULL,
    voice text,
    embedding vector(256) NOT NULL,
    UNIQUE (run_id, kind, name),
    FOREIGN KEY (tenant_id, run_id) REFERENCES runs (tenant_id, id) ON DELETE CASCADE
);
