import Foundation
import StudioCore

@testable import StudioAPI

/// Cancel, pause, resume and retry by the same table of states as the real one; what follows for other tasks is left
/// out, as no route could tell the difference.
extension FakeRepository {
    func control(
        _ action: RunAction, run: RunID, tenant: TenantID, idempotency: IdempotencyClaim?
    ) async throws -> ControlOutcome<RunRecord> {
        try controlling(run, tenant: tenant, idempotency, { $0.runs[run] }) { state in
            guard let before = state.runs[run]?.state else { return nil }
            let refusing = TaskState(rawValue: before.rawValue)
            switch action {
            case .cancel:
                if before == .canceling || before == .canceled { return nil }
                if before.isTerminal { return refusing }
                Self.apply(.cancel, to: run, &state)
                let isStopping = state.tasks.values.contains { $0.run == run && $0.state == .canceling }
                state.runs[run]?.state = isStopping ? .canceling : .canceled
            case .pause:
                if before.isTerminal || before == .canceling { return refusing }
                Self.apply(.pause, to: run, &state)
                state.runs[run]?.state = .paused
            case .resume:
                if before.isTerminal || before == .canceling { return refusing }
                Self.apply(.resume, to: run, &state)
                if before == .paused { state.runs[run]?.state = .running }
            case .retry(let scope):
                let reopened = state.tasks.values.filter {
                    $0.run == run && $0.isTerminal && (scope == .all || $0.state != .succeeded)
                }
                if reopened.isEmpty || scope == .all && !before.isTerminal { return refusing }
                for task in reopened { state.tasks[task.id]?.state = .queued }
                state.runs[run]?.state = .queued
            }
            return nil
        }
    }

    func control(
        _ action: TaskAction, task: TaskID, tenant: TenantID, idempotency: IdempotencyClaim?
    ) async throws -> ControlOutcome<TaskRecord> {
        guard let run = try with({ $0.tasks[task]?.run }) else { return .notFound }
        return try controlling(run, tenant: tenant, idempotency, { $0.tasks[task] }) { state in
            guard let before = state.tasks[task]?.state else { return nil }
            let after: TaskState? =
                switch (action, before) {
                case (.cancel, .canceled), (.cancel, .canceling), (.pause, .paused), (.resume, .queued): before
                case (.retry, .queued), (.retry, .retrying): before
                case (.cancel, _): before.after(.cancel)
                case (.pause, _): before.after(.pause)
                case (.resume, _): before.after(.resume)
                case (.retry, .failed), (.retry, .canceled): .queued
                case (.retry, _): nil
                }
            guard let after else { return before }
            state.tasks[task]?.state = after
            return nil
        }
    }

    /// Does what was asked unless its key is known already; `act` answers the state that forbids it.
    private func controlling<Record: Sendable>(
        _ run: RunID, tenant: TenantID, _ claim: IdempotencyClaim?, _ record: (State) -> Record?,
        _ act: (inout State) -> TaskState?
    ) throws -> ControlOutcome<Record> {
        try with { state in
            guard state.tenants[run] == tenant, let before = record(state) else { return .notFound }
            if let claim {
                if state.inFlight.contains(claim.key) { return .inFlight }
                if let known = state.keys[claim.key] {
                    return known.hash == claim.requestHash ? .replayed(before) : .conflictingBody
                }
            }
            if let refusing = act(&state) { return .refused(refusing) }
            if let claim { state.keys[claim.key] = (claim.requestHash, run) }
            return record(state).map { .done($0) } ?? .notFound
        }
    }

    private static func apply(_ event: TaskEvent, to run: RunID, _ state: inout State) {
        for task in state.tasks.values where task.run == run {
            if let after = task.state.after(event) { state.tasks[task.id]?.state = after }
        }
    }

    /// As many attempts as the task has had: all failed but the last one of a task that succeeded or still runs.
    func attempts(of task: TaskID, tenant: TenantID) async throws -> [AttemptEntry]? {
        try with { state in
            guard let task = state.tasks[task], state.tenants[task.run] == tenant else { return nil }
            return (1..<task.attempt.n + 1).map { n in
                let isLast = n == task.attempt.n
                let runs = isLast && task.state == .running
                let succeeded = isLast && task.state == .succeeded
                return AttemptEntry(
                    n: n, worker: state.workers[0].id, workerName: n == 1 ? nil : state.workers[0].name,
                    outcome: runs ? nil : succeeded ? "succeeded" : "failed",
                    reason: runs || succeeded ? nil : ReasonRecord(TaskFailure(.temporary, code: "c", detail: "d")),
                    startedAt: task.createdAt, finishedAt: runs ? nil : task.createdAt,
                    seconds: AttemptEntry.Times(
                        queue: 0.5, download: runs ? nil : 0.1, load: runs ? nil : 2, compute: runs ? nil : 3,
                        upload: runs ? nil : 0.2, wasted: runs || succeeded ? 0 : 5.3))
            }
        }
    }

    func spent(by run: RunID, tenant: TenantID) async throws -> SpentRecord? {
        try with { state in
            guard state.tenants[run] == tenant else { return nil }
            let spent = SpentTimes(attempts: 4, queue: 1, load: 2, compute: 3.5, upload: 0.25, wasted: 5)
            let shots = Dictionary(uniqueKeysWithValues: (state.shots[run] ?? []).map { ($0.name, spent) })
            return SpentRecord(run: run, total: spent, shots: shots)
        }
    }

    func why(_ id: TaskID, tenant: TenantID) async throws -> WhyRecord? {
        try with { state in
            guard let task = state.tasks[id], state.tenants[task.run] == tenant else { return nil }
            let workers = state.workers.map {
                WhyRecord.Candidate(id: $0.id, name: $0.name, isAble: $0.state == .active, detail: "1 of 1 slots free")
            }
            return WhyRecord(
                task: id, state: task.state,
                causes: [
                    .init(.backoff, "attempt 1 failed", until: task.createdAt),
                    .init(.dependency, "waits for another", task: id),
                ], workers: task.isTerminal ? [] : workers)
        }
    }

    func want(_ state: DesiredWorkerState, of worker: WorkerID) async throws -> WorkerRecord? {
        try with { fake in
            guard let index = fake.workers.firstIndex(where: { $0.id == worker }) else { return nil }
            let old = fake.workers[index]
            let now: WorkerRecord.State =
                switch state {
                case .active: .active
                case .paused: .paused
                case .draining: .draining
                }
            fake.workers[index] = WorkerRecord(
                id: old.id, name: old.name, kinds: old.kinds, state: now, slots: old.slots, busy: old.busy,
                startedAt: old.startedAt, lastSeenAt: old.lastSeenAt)
            return fake.workers[index]
        }
    }
}
