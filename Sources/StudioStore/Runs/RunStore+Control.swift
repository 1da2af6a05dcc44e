import Postgres
package import StudioCore

/// What users ask of runs and tasks; each wish is one transaction that holds the run's row.
extension RunStore {
    /// Does what a user asks of a run; asking again for what is so already changes nothing.
    package func control(
        _ action: RunAction, run: RunID, tenant: TenantID, idempotency: IdempotencyClaim? = nil
    ) async throws -> ControlOutcome<RunRecord> {
        let outcome = try await controlling(run, tenant: tenant, idempotency: idempotency) { ledger, transaction in
            guard let state = ledger[run]?.state else { return .notFound }
            switch action {
            case .cancel: return try Self.cancel(run, in: state, ledger: &ledger, transaction)
            case .pause: return try Self.pause(run, in: state, ledger: &ledger, transaction)
            case .resume: return try Self.resume(run, in: state, ledger: &ledger, transaction)
            case .retry(let scope): return try Self.retry(run, scope, in: state, ledger: &ledger, transaction)
            }
        }
        return try await outcome.map { _ in try await self.run(run, tenant: tenant) }
    }

    /// Does what a user asks of one task; asking again for what is so already changes nothing.
    package func control(
        _ action: TaskAction, task: TaskID, tenant: TenantID, idempotency: IdempotencyClaim? = nil
    ) async throws -> ControlOutcome<TaskRecord> {
        guard let run = try await self.task(task, tenant: tenant)?.run else { return .notFound }
        let outcome = try await controlling(run, tenant: tenant, idempotency: idempotency) { ledger, transaction in
            let row = try transaction.first("SELECT state FROM tasks WHERE id = \(task.uuid) FOR UPDATE")
            guard let state = try row?.value("state", as: TaskState.self) else { return .notFound }
            switch action {
            case .cancel: return try Self.cancel(task, in: state, ledger: &ledger, transaction)
            case .pause: return try Self.move(task, by: .pause, in: state, ledger: &ledger, transaction)
            case .resume: return try Self.move(task, by: .resume, in: state, ledger: &ledger, transaction)
            case .retry: return try Self.retry(task, of: run, in: state, ledger: &ledger, transaction)
            }
        }
        return try await outcome.map { _ in try await self.task(task, tenant: tenant) }
    }

    /// The runs that are not done although their deadline has passed, those that have waited longest first.
    package func overdue(limit: Int) async throws -> [RunID] {
        try await client.query(
            """
            SELECT id FROM runs WHERE deadline_at < now() AND finished_at IS NULL AND state <> 'canceling'
            ORDER BY deadline_at LIMIT \(limit)
            """
        ).map { try $0.id("id") }
    }

    /// Gives up a run whose deadline has passed; answers whether it was to be given up.
    ///
    /// One transaction for each run: the locks on its tasks are held up to the end, and none of them in front of those
    /// of another run.
    package func giveUp(_ run: RunID) async throws -> Bool {
        try await client.transaction(retrying: TaskStore.conflictsMax) { transaction in
            var ledger = try RunLedger.lock([run], in: transaction)
            guard let state = ledger[run]?.state, !state.isTerminal, state != .canceling else { return false }
            // It may have been taken up again meanwhile, with a new deadline.
            let isOverdue =
                try transaction.first(
                    "SELECT id FROM runs WHERE id = \(run.uuid) AND deadline_at < now()") != nil
            guard isOverdue else { return false }
            try Self.end(run, because: .deadlineExceeded, ledger: &ledger, transaction)
            try ledger.flush(in: transaction)
            return true
        }
    }

    // MARK: - Transaction

    /// What a transaction decided, before the record is read anew.
    private enum Decision {
        case done, refused(TaskState), notFound, replayed, conflictingBody, inFlight

        func map<Record: Sendable>(_ read: (Decision) async throws -> Record?) async throws -> ControlOutcome<Record> {
            switch self {
            case .notFound: return .notFound
            case .refused(let state): return .refused(state)
            case .conflictingBody: return .conflictingBody
            case .inFlight: return .inFlight
            case .done, .replayed:
                guard let record = try await read(self) else { return .notFound }
                if case .replayed = self { return .replayed(record) }
                return .done(record)
            }
        }
    }

    private func controlling(
        _ run: RunID, tenant: TenantID, idempotency: IdempotencyClaim?,
        _ body: @escaping @Sendable (inout RunLedger, borrowing Transaction) throws -> Decision
    ) async throws -> Decision {
        do {
            return try await client.transaction(retrying: TaskStore.conflictsMax) { transaction in
                var ledger = try RunLedger.lock([run], in: transaction)
                guard ledger[run]?.tenant == tenant else { return .notFound }
                if let claim = idempotency,
                    let answered = try Self.take(claim, for: run, tenant: tenant, in: transaction)
                {
                    return answered.hash == claim.requestHash ? .replayed : .conflictingBody
                }
                let decision = try body(&ledger, transaction)
                try ledger.flush(in: transaction)
                // A key stands for what was done, so that what was refused can be asked again.
                if case .refused = decision { throw Refused(decision: decision) }
                return decision
            }
        } catch let refused as Refused {
            return refused.decision
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            return .inFlight
        }
    }

    /// Rolls the transaction back.
    private struct Refused: Error {
        let decision: Decision
    }

    // MARK: - Runs

    private static func cancel(
        _ run: RunID, in state: RunState, ledger: inout RunLedger, _ transaction: borrowing Transaction
    ) throws -> Decision {
        switch state {
        case .canceling, .canceled: return .done
        case .succeeded, .failed: return .refused(state.asTask)
        case .queued, .running, .paused:
            try end(run, because: .canceledByUser, ledger: &ledger, transaction)
            return .done
        }
    }

    private static func end(
        _ run: RunID, because failure: TaskFailure, ledger: inout RunLedger, _ transaction: borrowing Transaction
    ) throws {
        ledger[run]?.cancel(because: failure)
        try TaskSweep.apply(
            .cancel, where: "t.run_id = \(run.uuid)", because: failure, ledger: &ledger, in: transaction)
    }

    private static func pause(
        _ run: RunID, in state: RunState, ledger: inout RunLedger, _ transaction: borrowing Transaction
    ) throws -> Decision {
        switch state {
        case .paused: return .done
        case .canceling, .canceled, .succeeded, .failed: return .refused(state.asTask)
        case .queued, .running:
            ledger[run]?.pause()
            try TaskSweep.apply(.pause, where: "t.run_id = \(run.uuid)", ledger: &ledger, in: transaction)
            return .done
        }
    }

    private static func resume(
        _ run: RunID, in state: RunState, ledger: inout RunLedger, _ transaction: borrowing Transaction
    ) throws -> Decision {
        switch state {
        case .queued, .running: return .done
        case .canceling, .canceled, .succeeded, .failed: return .refused(state.asTask)
        case .paused:
            ledger[run]?.resume()
            try TaskSweep.apply(.resume, where: "t.run_id = \(run.uuid)", ledger: &ledger, in: transaction)
            return .done
        }
    }

    private static func retry(
        _ run: RunID, _ scope: RetryScope, in state: RunState, ledger: inout RunLedger,
        _ transaction: borrowing Transaction
    ) throws -> Decision {
        switch scope {
        case .failed:
            guard state != .canceling else { return .refused(state.asTask) }
            let moves = try TaskSweep.reopen(
                run, where: "t.state <> 'succeeded'", ledger: &ledger, in: transaction)
            guard !moves.isEmpty else { return .refused(state.asTask) }
        case .all:
            guard state.isTerminal else { return .refused(state.asTask) }
            _ = try TaskSweep.reopen(run, where: "true", ledger: &ledger, in: transaction)
        }
        try release(run, ledger: &ledger, transaction)
        return .done
    }

    // MARK: - Tasks

    private static func cancel(
        _ task: TaskID, in state: TaskState, ledger: inout RunLedger, _ transaction: borrowing Transaction
    ) throws -> Decision {
        if state == .canceled || state == .canceling { return .done }
        let moves = try TaskSweep.apply(
            .cancel, where: "t.id = \(task.uuid)", because: .canceledByUser, ledger: &ledger, in: transaction)
        guard let move = moves.first else { return .refused(state) }
        if move.state.isTerminal { try TaskChange.skip(dependentsOf: [task], ledger: &ledger, in: transaction) }
        return .done
    }

    private static func move(
        _ task: TaskID, by event: TaskEvent, in state: TaskState, ledger: inout RunLedger,
        _ transaction: borrowing Transaction
    ) throws -> Decision {
        if TaskState.sources(of: event).compactMap({ $0.after(event) }).contains(state) { return .done }
        let moves = try TaskSweep.apply(event, where: "t.id = \(task.uuid)", ledger: &ledger, in: transaction)
        return moves.isEmpty ? .refused(state) : .done
    }

    private static func retry(
        _ task: TaskID, of run: RunID, in state: TaskState, ledger: inout RunLedger,
        _ transaction: borrowing Transaction
    ) throws -> Decision {
        switch state {
        case .queued: return .done
        case .retrying:
            try transaction.execute("UPDATE tasks SET run_at = now() WHERE id = \(task.uuid) AND state = 'retrying'")
            return .done
        case .failed, .canceled:
            guard ledger[run]?.state != .canceling else { return .refused(.canceling) }
            // It would be skipped at once: what it needs must be retried first.
            guard try !needsSomethingLost(task, transaction) else { return .refused(state) }
        default: return .refused(state)
        }
        _ = try TaskSweep.reopen(
            run,
            where: """
                t.id = \(task.uuid) OR (t.state = 'skipped' AND t.id IN (
                    WITH RECURSIVE dependents(id) AS (
                        SELECT task_id FROM task_dependencies WHERE depends_on = \(task.uuid)
                        UNION SELECT d.task_id FROM task_dependencies d JOIN dependents ON d.depends_on = dependents.id
                    ) SELECT id FROM dependents))
                """, ledger: &ledger, in: transaction)
        // What also waits for another task that did not succeed is skipped again.
        let lost: [TaskID] = try transaction.query(
            "SELECT id FROM tasks WHERE run_id = \(run.uuid) AND state IN ('failed', 'canceled', 'skipped')"
        ).map { try $0.id("id") }
        try TaskChange.skip(dependentsOf: lost, ledger: &ledger, in: transaction)
        try release(run, ledger: &ledger, transaction)
        return .done
    }

    private static func needsSomethingLost(
        _ task: TaskID, _ transaction: borrowing Transaction
    ) throws -> Bool {
        try transaction.first(
            """
            SELECT d.depends_on FROM task_dependencies d JOIN tasks p ON p.id = d.depends_on
            WHERE d.task_id = \(task.uuid) AND p.state IN ('failed', 'canceled', 'skipped') LIMIT 1
            """) != nil
    }

    /// Queues what waits for nothing any more, unless the run is paused.
    private static func release(
        _ run: RunID, ledger: inout RunLedger, _ transaction: borrowing Transaction
    ) throws {
        let ready: SQL = "t.run_id = \(run.uuid) AND t.waiting_on = 0"
        let moves = try TaskSweep.apply(.release, where: ready, ledger: &ledger, in: transaction)
        guard ledger[run]?.state == .paused else { return }
        try TaskSweep.apply(
            .pause, where: "t.id = ANY(\(moves.map(\.task.uuid))::uuid[])", ledger: &ledger, in: transaction)
    }
}

extension RunState {
    /// The same word in the vocabulary of tasks.
    fileprivate var asTask: TaskState {
        switch self {
        case .queued: .queued
        case .running: .running
        case .paused: .paused
        case .canceling: .canceling
        case .succeeded: .succeeded
        case .failed: .failed
        case .canceled: .canceled
        }
    }
}
