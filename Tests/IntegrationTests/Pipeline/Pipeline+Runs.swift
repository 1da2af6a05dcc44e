import Chaos
import DevStack
import Foundation
import ObjectStore
import Postgres
import StudioClient
import StudioCore
import SystemPackage
import Testing

extension Pipeline {
    /// Submits a run of tasks that only sleep.
    func submitNoop(
        _ tasks: Int, sleepMilliseconds: Int = 0, attemptsMax: Int = 3, priority: TaskPriority = .batch
    ) async throws -> RunID {
        try await submit(
            """
            {"noop": {"tasks": \(tasks), "sleep_ms": \(sleepMilliseconds)},
             "policy": {"attempts_max": \(attemptsMax), "priority": "\(priority.rawValue)"}}
            """)
    }

    func submit(_ specification: String) async throws -> RunID {
        try await client.createRun(Data(specification.utf8)).run.id
    }

    /// Waits until the run has ended, over failures of the API.
    func ended(_ run: RunID, within limit: Duration = .seconds(60)) async throws -> RunRecord {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            do {
                let record = try await client.run(run, waitSeconds: 1)
                if record.isTerminal { return record }
            } catch let error as StudioClientError where error.isTransient {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        throw PipelineFailure("\(run) has not ended within \(limit):\n\(try await open(run))")
    }

    /// Waits until the run has succeeded, and checks everything that must be true of a database whose runs have ended.
    @discardableResult
    func succeeded(_ run: RunID, within limit: Duration = .seconds(60)) async throws -> RunRecord {
        let record = try await ended(run, within: limit)
        guard record.state == .succeeded else {
            throw PipelineFailure("\(run) has \(record.state.rawValue):\n\(try await open(run))")
        }
        try await Invariants.check(client: database, objects: objects)
        return record
    }

    /// What a run's tasks wait for.
    private func open(_ run: RunID) async throws -> String {
        let rows = try await database.query(
            """
            SELECT concat_ws(' ', t.key, t.state, 'attempt', t.attempt, 'of', t.attempts_max, 'phase', t.phase,
                'hint', t.hint_expires - now(), 'lease', t.lease_expires - now(), w.name, t.reason->>'code',
                t.reason->>'detail') AS line
            FROM tasks t LEFT JOIN workers w ON w.id = t.lease_owner
            WHERE t.run_id = \(run.uuid) AND t.state <> 'succeeded' ORDER BY t.key LIMIT 20
            """)
        return try rows.map { try $0.decode("line") }.joined(separator: "\n")
    }

    /// Waits until a worker of this name works on a task.
    func untilBusy(_ worker: String, tasks: Int = 1) async throws {
        try await eventually("\(worker) works on a task", within: .seconds(60)) {
            try await leases(of: worker) >= tasks
        }
    }

    /// The name of the worker that has this run's only lease, once there is one.
    func holder(of run: RunID) async throws -> String {
        var name = ""
        try await eventually("a worker has claimed the task") {
            let rows = try await database.query(
                """
                SELECT w.name FROM tasks t JOIN workers w ON w.id = t.lease_owner
                WHERE t.run_id = \(run.uuid) AND t.state = 'running'
                """)
            if let row = rows.first { name = try row.decode("name") }
            return !name.isEmpty
        }
        return name
    }

    private func leases(of worker: String) async throws -> Int {
        try await number(
            """
            SELECT count(*)::int AS n FROM tasks t JOIN workers w ON w.id = t.lease_owner
            WHERE w.name = \(worker) AND t.state = 'running'
            """)
    }

    /// How many attempts ended in this way: `succeeded`, `expired`, `failed`, `handed_back`.
    func attempts(_ outcome: String) async throws -> Int {
        try await number("SELECT count(*)::int AS n FROM attempts WHERE outcome = \(outcome)")
    }

    /// The number in column `n` of the only row.
    func number(_ statement: SQL) async throws -> Int {
        try await database.query(statement)[0].decode("n")
    }

    /// What a program has written so far.
    func log(of program: String) throws -> String {
        try String(contentsOfFile: programs.directory.appending("\(program).log").string, encoding: .utf8)
    }

    /// Kills a program and waits until its supervisor has started it again.
    func crash(_ program: String) async throws {
        let before = await supervisor.restarts(of: program)
        try #require(await supervisor.kill(program), "\(program) did not run")
        try await eventually("\(program) is started again") { await supervisor.restarts(of: program) > before }
    }
}
