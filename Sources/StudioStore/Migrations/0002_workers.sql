-- type: reversible
-- rollback_plan: drop table workers
-- verification_query: SELECT to_regclass('workers') IS NOT NULL
-- backfill_plan: none, workers register themselves within seconds
-- owner: worker-hub
-- ticket: walking-skeleton

-- One row for each worker process that said hello; a process that died keeps its row until it is swept.
CREATE TABLE workers (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL DEFAULT '00000000-0000-7000-8000-000000000001' REFERENCES tenants,
    name text NOT NULL,
    kinds text[] NOT NULL,
    slots integer NOT NULL CHECK (slots > 0),
    version text NOT NULL,
    labels jsonb NOT NULL DEFAULT '{}',
    draining boolean NOT NULL DEFAULT false,
    running integer NOT NULL DEFAULT 0,
    registered_at timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX workers_by_sight ON workers (last_seen);
