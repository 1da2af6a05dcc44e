import Foundation
import Postgres
import Simulation
import StudioCore

extension ModelBench {
    /// Looks whether every row is what the model says.
    func compareRows(after step: String) async throws {
        let rows = try await realRows()
        let modeled = modeledTasks() + modeledRuns()
        for (real, modeled) in zip(rows, modeled) { try compare(step, modeled, real) }
        try compare(step, modeled.count, rows.count)
    }

    private func modeledTasks() -> [String] {
        model.tasks.enumerated().map { number, task in
            let isWaiting = task.state == .queued || task.state == .retrying
            let facts: [(String, String?)] = [
                ("task", "\(number)"), ("state", task.state.rawValue), ("attempt", "\(task.attempt)"),
                ("max", "\(task.attemptsMax)"), ("base", "\(task.attemptsBase)"),
                ("needs", task.state == .blocked ? "\(task.waitingOn)" : nil),
                ("owner", task.lease.map { "\($0.owner)" }), ("live", task.lease.map { "\($0.expires > now)" }),
                ("hint", task.hintExpires.map { "\($0 > now)" }), ("early", isWaiting ? "\(task.runAt > now)" : nil),
                ("waited", isWaiting ? "\((now - task.queuedAt) / Self.minute)" : nil),
                ("progress", "\(task.hasProgress)"),
                ("ledger", task.attempts.map { $0.outcome?.rawValue ?? "open" }.joined(separator: ",")),
                ("shows", task.artifacts.map { "\($0.name)/\($0.attempt)" }.joined(separator: ",")),
            ]
            return Self.line(facts)
        }
    }

    private func modeledRuns() -> [String] {
        model.runs.enumerated().map { number, run in
            Self.line([
                ("run", "\(number)"), ("state", run.state.rawValue), ("succeeded", "\(run.succeeded)"),
                ("failed", "\(run.failed)"), ("canceled", "\(run.canceled)"), ("skipped", "\(run.skipped)"),
                ("started", "\(run.hasStarted)"), ("finished", "\(run.hasFinished)"), ("reason", run.reason?.code),
            ])
        }
    }

    private func realRows() async throws -> [String] {
        let tasks = try await store.client.query(
            """
            SELECT t.state, t.attempt, t.attempts_max, t.attempts_base, t.waiting_on, t.lease_owner,
                t.lease_expires > now() AS live, t.hint_expires > now() AS hint, t.run_at > now() AS early,
                t.progress_done IS NOT NULL AS progress,
                round(extract(epoch FROM now() - t.queued_at) / 60)::int AS waited,
                coalesce((SELECT string_agg(coalesce(a.outcome, 'open'), ',' ORDER BY a.attempt) FROM attempts a
                    WHERE a.task_id = t.id), '') AS ledger,
                coalesce((SELECT string_agg(a.name || '/' || a.attempt, ',' ORDER BY a.position) FROM artifacts a
                    WHERE a.task_id = t.id), '') AS shows
            FROM unnest(\(taskIDs.map(\.uuid))::uuid[]) WITH ORDINALITY AS c(id, place) JOIN tasks t USING (id)
            ORDER BY c.place
            """)
        let runs = try await store.client.query(
            """
            SELECT r.state, r.tasks_succeeded, r.tasks_failed, r.tasks_canceled, r.tasks_skipped,
                r.started_at IS NOT NULL AS started, r.finished_at IS NOT NULL AS finished, r.reason->>'code' AS reason
            FROM unnest(\(runIDs.map(\.uuid))::uuid[]) WITH ORDINALITY AS c(id, place) JOIN runs r USING (id)
            ORDER BY c.place
            """)
        return try tasks.enumerated().map { try realTask($0, $1) } + runs.enumerated().map { try Self.realRun($0, $1) }
    }

    private func realTask(_ number: Int, _ row: Row) throws -> String {
        func text<Value: PostgresDecodable>(_ column: String, _: Value.Type) throws -> String? {
            try row.decode(column, as: Value?.self).map { "\($0)" }
        }
        let state = try row.decode("state", as: String.self)
        let owner = try row.decode("lease_owner", as: UUID?.self).map(WorkerID.init)
        let isWaiting = state == "queued" || state == "retrying"
        return Self.line([
            ("task", "\(number)"), ("state", state), ("attempt", try text("attempt", Int.self)),
            ("max", try text("attempts_max", Int.self)), ("base", try text("attempts_base", Int.self)),
            ("needs", state == "blocked" ? try text("waiting_on", Int.self) : nil),
            ("owner", owner.map { owner in "\(workerIDs.firstIndex(of: owner) ?? -1)" }),
            ("live", try text("live", Bool.self)), ("hint", try text("hint", Bool.self)),
            ("early", isWaiting ? try text("early", Bool.self) : nil),
            ("waited", isWaiting ? try text("waited", Int.self) : nil), ("progress", try text("progress", Bool.self)),
            ("ledger", try row.decode("ledger")), ("shows", try row.decode("shows")),
        ])
    }

    private static func realRun(_ number: Int, _ row: Row) throws -> String {
        func count(_ column: String) throws -> String { "\(try row.decode(column, as: Int.self))" }
        func flag(_ column: String) throws -> String { "\(try row.decode(column, as: Bool.self))" }
        return line([
            ("run", "\(number)"), ("state", try row.decode("state")), ("succeeded", try count("tasks_succeeded")),
            ("failed", try count("tasks_failed")), ("canceled", try count("tasks_canceled")),
            ("skipped", try count("tasks_skipped")), ("started", try flag("started")),
            ("finished", try flag("finished")), ("reason", try row.decode("reason")),
        ])
    }

    private static func line(_ facts: [(String, String?)]) -> String {
        facts.map { "\($0.0) \($0.1 ?? "-")" }.joined(separator: " · ")
    }
}
