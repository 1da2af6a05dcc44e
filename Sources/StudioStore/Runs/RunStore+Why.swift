import FoundationEssentials
import Postgres
package import StudioCore

extension RunStore {
    /// Dependencies named in an answer at most.
    private static let dependenciesTold = 20

    /// A worker that works is heard of more often, in seconds.
    private static let silenceSeconds = Double(2 * TaskLease.heartbeatSecondsMax)

    /// Why a task is where it is; `nil` when the tenant has none of this id.
    package func why(_ id: TaskID, tenant: TenantID) async throws -> WhyRecord? {
        let row = try await client.query(
            """
            SELECT t.id, t.kind, t.state, t.attempt, t.attempts_max, t.run_at, t.run_at > now() AS is_early,
                t.hint_expires > now() AS is_offered, t.lease_expires, t.phase, t.reason::text AS reason, t.parked,
                t.started_at, t.needs::text AS needs,
                r.state = 'paused' AS is_run_paused, w.name AS owner,
                CASE WHEN w.last_seen < now() - make_interval(secs => \(Self.silenceSeconds)) THEN w.last_seen END
                    AS silent_since,
                (SELECT count(*)::int FROM tasks o WHERE o.kind = t.kind AND o.machine_class = t.machine_class
                    AND o.priority = t.priority AND o.tenant_id = t.tenant_id AND o.state IN ('queued', 'retrying')
                    AND o.parked IS NULL AND o.run_at <= now()
                    AND (o.hint_expires IS NULL OR o.hint_expires <= now()) AND o.queued_at < t.queued_at
                ) AS ahead
            FROM tasks t JOIN runs r ON r.id = t.run_id LEFT JOIN workers w ON w.id = t.lease_owner
            WHERE t.tenant_id = \(tenant.uuid) AND t.id = \(id.uuid)
            """
        ).first
        guard let row else { return nil }
        let state = try row.value("state", as: TaskState.self)
        let fleet = try await fleet(for: row, task: id)
        let workers = fleet.candidates
        var causes: [WhyRecord.Cause] = []
        switch state {
        case .blocked:
            if try row.decode("is_run_paused") { causes.append(try pause(row)) }
            causes += try await missingInputs(of: id)
        case .paused: causes.append(try pause(row))
        case .queued, .retrying: causes += try waits(row, fleet)
        case .running: causes.append(try work(row))
        case .canceling:
            causes.append(
                .init(
                    .canceling, "\(try owner(row)) has been told to stop\(try silence(row))",
                    until: try row.decode("lease_expires")))
        case .succeeded, .failed, .canceled, .skipped:
            let reason = try row.decode("reason", as: String?.self).map {
                try JSONText.decode($0, as: TaskFailure.self)
            }
            let detail = state == .succeeded ? nil : reason?.detail
            causes.append(.init(.ended, "it has \(state.rawValue)" + (detail.map { ": \($0)" } ?? "")))
        }
        return WhyRecord(task: id, state: state, causes: causes, workers: state.isTerminal ? [] : workers)
    }

    private func missingInputs(of task: TaskID) async throws -> [WhyRecord.Cause] {
        try await client.query(
            """
            SELECT p.id, p.key, p.state, d.input FROM task_dependencies d JOIN tasks p ON p.id = d.depends_on
            WHERE d.task_id = \(task.uuid) AND p.state <> 'succeeded' ORDER BY p.key LIMIT \(Self.dependenciesTold)
            """
        ).map { row in
            let (key, input) = (try row.decode("key", as: String.self), try row.decode("input", as: String.self))
            let state = try row.value("state", as: TaskState.self)
            return .init(
                .dependency, "waits for \(key) as its \(input), which is \(state.rawValue)", task: try row.id("id"))
        }
    }

    private func pause(_ row: Row) throws -> WhyRecord.Cause {
        .init(.paused, try row.decode("is_run_paused") ? "its run is paused: resume it" : "it is paused: resume it")
    }

    private func waits(_ row: Row, _ fleet: Fleet) throws -> [WhyRecord.Cause] {
        let workers = fleet.candidates
        if try row.decode("is_early") {
            let attempt = try row.decode("attempt", as: Int.self)
            let reason = try row.decode("reason", as: String?.self).map {
                try JSONText.decode($0, as: TaskFailure.self)
            }
            return [
                .init(
                    .backoff, "attempt \(attempt) failed (\(reason?.detail ?? "no reason given")); the next one waits",
                    until: try row.decode("run_at"))
            ]
        }
        let kind = try row.value("kind", as: TaskKind.self)
        if workers.isEmpty { return [.init(.noWorker, "no worker that serves \(kind.rawValue) is there: start one")] }
        var causes: [WhyRecord.Cause] = []
        if try row.decode("parked", as: String?.self) == "retry_budget" {
            causes.append(
                .init(
                    .retryBudget,
                    "its tenant has repeated as much of \(kind.rawValue) as it may for now (RETRY_BUDGET_PERCENT)"))
        }
        if fleet.capableCount == 0 {
            return causes + [.init(.noCapableWorker, "no worker that is there has \(fleet.needs)")]
        }
        if !workers.contains(where: \.isAble) {
            let larger = fleet.larger.map { larger in
                WhyRecord.Cause(
                    .largerWorker, "it ran out of memory, and waits for the larger worker \(larger.name)",
                    until: larger.until)
            }
            causes.append(larger ?? .init(.noSlot, "no worker can take it now; see workers"))
        }
        let ahead = try row.decode("ahead", as: Int.self)
        if try row.decode("is_offered", as: Bool?.self) == true {
            causes.append(.init(.offered, "it is offered to the workers"))
        } else if ahead > 0 {
            causes.append(.init(.window, "\(ahead) tasks of its tenant have waited longer in its lane"))
        }
        return causes.isEmpty ? [.init(.offered, "it is about to be offered to the workers")] : causes
    }

    private func work(_ row: Row) throws -> WhyRecord.Cause {
        let phase = try row.decode("phase", as: String?.self).map { " (\($0))" } ?? ""
        let since = try row.decode("started_at", as: Date?.self).map { " since \($0.formatted(.iso8601))" } ?? ""
        return .init(
            .running, "\(try owner(row)) works on it\(since)\(phase)\(try silence(row))",
            until: try row.decode("lease_expires"))
    }

    private func owner(_ row: Row) throws -> String {
        try row.decode("owner", as: String?.self) ?? "a worker"
    }

    private func silence(_ row: Row) throws -> String {
        try row.decode("silent_since", as: Date?.self).map {
            ", but has not been heard of since \($0.formatted(.iso8601))"
        } ?? ""
    }

    /// The workers that serve a task's kind, and what it requires of them.
    private struct Fleet {
        let needs: TaskRequirements
        let candidates: [WhyRecord.Candidate]
        /// How many can do the task, busy or not.
        let capableCount: Int
        /// The worker that the task waits for, and for how long, rather than run out of memory again.
        let larger: (name: String, until: Date)?
    }

    private func fleet(for row: Row, task: TaskID) async throws -> Fleet {
        let needs = try row.decode("needs", as: String?.self).map { try JSONText.decode($0) } ?? TaskRequirements.none
        let kind = try row.value("kind", as: TaskKind.self)
        let rows = try await client.query(
            """
            SELECT w.id, w.name, w.slots, w.running, w.models, w.vram_mib, w.labels::text AS labels,
                larger.name AS larger, larger.until,
                CASE WHEN w.draining OR w.desired_state = 'draining' THEN 'it takes no more work'
                    WHEN w.desired_state = 'paused' THEN 'an operator has paused it'
                    WHEN h.quarantined_until > now() THEN concat('quarantined after repeated failures: ', h.detail)
                    WHEN \(fragment: WorkerHealth.isOnTrial)
                        THEN concat('it gets one task at a time until one succeeds, after failures: ', h.detail)
                    WHEN \(fragment: WorkerHealth.isSpared)
                        THEN 'it failed at this task a moment ago, and another worker can take it'
                    WHEN w.running >= w.slots THEN concat('all of its ', w.slots, ' slots are busy')
                    END AS obstacle
            FROM tasks t CROSS JOIN workers w LEFT JOIN worker_health h ON h.name = w.name
            LEFT JOIN LATERAL (
                \(fragment: WorkerFitness.larger("o.name, tried.until")) ORDER BY o.vram_mib, o.name LIMIT 1
            ) larger ON true
            WHERE t.id = \(task.uuid) AND \(kind.rawValue) = ANY(w.kinds)
                AND w.last_seen > now() - make_interval(secs => \(WorkerFitness.aliveSeconds))
            ORDER BY w.name
            """)
        var capableCount = 0
        var larger: (name: String, until: Date)?
        let candidates = try rows.map { row in
            let (slots, running) = (try row.decode("slots", as: Int.self), try row.decode("running", as: Int.self))
            let lack = needs.obstacle(for: try WorkerCapabilities(row))
            if lack == nil { capableCount += 1 }
            var obstacle = try lack ?? row.decode("obstacle", as: String?.self)
            if lack == nil, let name = try row.decode("larger", as: String?.self) {
                let until = try row.decode("until", as: Date.self)
                larger = (name, until)
                obstacle =
                    "the task ran out of memory on a GPU as large: until \(until.formatted(.iso8601)) it waits for the "
                    + "larger worker \(name)"
            }
            return WhyRecord.Candidate(
                id: try row.id("id"), name: try row.decode("name"), isAble: obstacle == nil,
                detail: obstacle ?? "\(slots - running) of \(slots) slots are free")
        }
        return Fleet(
            needs: needs, candidates: candidates.filter(\.isAble) + candidates.filter { !$0.isAble },
            capableCount: capableCount, larger: larger)
    }
}
