import Foundation
import ObjectStore
import Postgres
import StudioCore
import SystemPackage

/// What must be true of a database whose runs have all ended, and of the objects that it names.
enum Invariants {
    /// A rule as the query that finds what breaks it, in a column `what`.
    private struct Rule {
        let name: String
        let offenders: SQL
    }

    private static let terminal: SQL = "('succeeded', 'failed', 'canceled', 'skipped')"
    /// Violations told of each rule.
    private static let toldMax = 5

    /// Checks every rule, and every visible object byte for byte.
    ///
    /// - Throws: ``PipelineFailure`` with all that is wrong; also when there is nothing to check.
    static func check(client: PostgresClient, objects: S3Client) async throws {
        var violations: [String] = []
        for rule in rules {
            let rows = try await client.query(rule.offenders)
            if rows.isEmpty { continue }
            let told = try rows.prefix(toldMax).map { try $0.decode("what", as: String.self) }
            violations.append("\(rule.name): \(rows.count), such as \(told.joined(separator: ", "))")
        }
        violations += try await objectViolations(client, objects)
        guard try await client.query("SELECT FROM tasks LIMIT 1").count == 1 else {
            throw PipelineFailure("there is no task, so the invariants say nothing")
        }
        if !violations.isEmpty { throw PipelineFailure("broken invariants:\n" + violations.joined(separator: "\n")) }
    }

    private static var rules: [Rule] { endings + leases + fences + artifacts + events + order }

    /// I1, I9: everything ends, and is counted once.
    private static var endings: [Rule] {
        [
            Rule(
                name: "I1 a run has not ended",
                offenders: "SELECT id::text AS what FROM runs WHERE state NOT IN \(fragment: terminal)"),
            Rule(
                name: "I1 a task has not ended",
                offenders: "SELECT id::text AS what FROM tasks WHERE state NOT IN \(fragment: terminal)"),
            Rule(
                name: "I1 a run's counters are not those of its tasks",
                offenders: """
                    SELECT r.id::text AS what FROM runs r LEFT JOIN tasks t ON t.run_id = r.id GROUP BY r.id
                    HAVING r.tasks_total <> count(t.id)
                        OR r.tasks_succeeded <> count(*) FILTER (WHERE t.state = 'succeeded')
                        OR r.tasks_failed <> count(*) FILTER (WHERE t.state = 'failed')
                        OR r.tasks_canceled <> count(*) FILTER (WHERE t.state = 'canceled')
                        OR r.tasks_skipped <> count(*) FILTER (WHERE t.state = 'skipped')
                    """),
            Rule(
                name: "I1 a run did not end as its tasks did",
                offenders: """
                    SELECT id::text AS what FROM runs WHERE finished_at IS NULL OR state <>
                        CASE WHEN reason->>'code' = 'canceled_by_user' THEN 'canceled'
                            WHEN reason->>'code' = 'deadline_exceeded' OR tasks_failed > 0 THEN 'failed'
                            WHEN tasks_canceled > 0 THEN 'canceled'
                            ELSE 'succeeded' END
                    """),
            Rule(
                name: "I9 a task had more attempts than it may have, or one that is not in the ledger",
                offenders: """
                    SELECT t.id::text AS what FROM tasks t LEFT JOIN attempts a ON a.task_id = t.id GROUP BY t.id
                    HAVING t.attempt > t.attempts_max OR count(a.attempt) <> t.attempt
                        OR coalesce(max(a.attempt), 0) <> t.attempt
                    """),
        ]
    }

    /// I2: one lease at a time, and none that outlives its task.
    private static var leases: [Rule] {
        [
            Rule(
                name: "I2 a task that has ended is leased",
                offenders: """
                    SELECT id::text AS what FROM tasks
                    WHERE state IN \(fragment: terminal) AND (lease_owner IS NOT NULL OR lease_expires IS NOT NULL)
                    """),
            Rule(
                name: "I2 an attempt began before the one before it had ended",
                offenders: """
                    SELECT b.task_id::text AS what FROM attempts a
                    JOIN attempts b ON b.task_id = a.task_id AND b.attempt = a.attempt + 1
                    WHERE a.ended_at IS NULL OR b.claimed_at < a.ended_at
                    """),
            Rule(
                name: "I2 an attempt of a task that has ended is open",
                offenders: """
                    SELECT a.task_id::text AS what FROM attempts a JOIN tasks t ON t.id = a.task_id
                    WHERE t.state IN \(fragment: terminal) AND (a.ended_at IS NULL OR a.outcome IS NULL)
                    """),
        ]
    }

    /// I3, I4: only the last attempt counts, and what has ended stays so.
    private static var fences: [Rule] {
        [
            Rule(
                name: "I3 a task did not succeed by exactly one attempt, its last, or a failed one has such an attempt",
                offenders: """
                    SELECT t.id::text AS what FROM tasks t
                    LEFT JOIN attempts a ON a.task_id = t.id AND a.outcome = 'succeeded' GROUP BY t.id
                    HAVING count(a.attempt) <> (t.state = 'succeeded')::int
                        OR (t.state = 'succeeded' AND max(a.attempt) <> t.attempt)
                    """),
            Rule(
                name: "I4 a task did not end exactly once in each of its lives, as its last event",
                offenders: """
                    SELECT t.id::text AS what FROM tasks t LEFT JOIN run_events e ON e.task_id = t.id GROUP BY t.id
                    HAVING count(*) FILTER (WHERE e.state IN \(fragment: terminal)) <>
                            1 + count(*) FILTER (WHERE e.state = 'blocked')
                        OR max(e.seq) <> max(e.seq) FILTER (WHERE e.state = t.state)
                    """),
            Rule(
                name: "I4 a task has not one event for each claim",
                offenders: """
                    SELECT t.id::text AS what FROM tasks t LEFT JOIN run_events e ON e.task_id = t.id GROUP BY t.id
                    HAVING count(*) FILTER (WHERE e.state = 'running') <> t.attempt
                    """),
        ]
    }

    /// I3, I5: the outputs of the attempt that counts, each once.
    private static var artifacts: [Rule] {
        [
            Rule(
                name: "I5 a task has not one artifact for each output when it succeeded, and none when not",
                offenders: """
                    SELECT t.id::text AS what FROM tasks t LEFT JOIN artifacts a ON a.task_id = t.id GROUP BY t.id
                    HAVING coalesce(array_agg(a.name ORDER BY a.position) FILTER (WHERE a.id IS NOT NULL), '{}') <>
                        CASE WHEN t.state = 'succeeded' THEN t.outputs ELSE '{}' END
                    """),
            Rule(
                name: "I3 an artifact is not of the attempt that succeeded",
                offenders: """
                    SELECT a.id::text AS what FROM artifacts a JOIN tasks t ON t.id = a.task_id
                    WHERE a.attempt <> t.attempt OR a.run_id <> t.run_id OR t.outputs[a.position + 1] <> a.name
                    """),
        ]
    }

    /// The log of a run has no gaps, and ends where the run does.
    private static var events: [Rule] {
        [
            Rule(
                name: "I4 a run's events have gaps, or do not end with its end",
                offenders: """
                    SELECT r.id::text AS what FROM runs r LEFT JOIN run_events e ON e.run_id = r.id GROUP BY r.id
                    HAVING coalesce(min(e.seq), 0) <> 1 OR max(e.seq) <> count(*) OR max(e.seq) <> r.event_seq
                        OR count(*) FILTER (WHERE e.task_id IS NULL AND e.state IN \(fragment: terminal)) <>
                            1 + count(*) FILTER (WHERE e.type = 'run.reopened')
                        OR max(e.seq) <> max(e.seq) FILTER (WHERE e.task_id IS NULL AND e.state = r.state)
                    """)
        ]
    }

    /// I10: nothing begins before its inputs are there.
    private static var order: [Rule] {
        [
            Rule(
                name: "I10 an attempt began before an input of it was there",
                offenders: """
                    SELECT a.task_id::text AS what FROM attempts a
                    JOIN task_dependencies d ON d.task_id = a.task_id JOIN tasks p ON p.id = d.depends_on
                    WHERE p.state <> 'succeeded' OR p.finished_at > a.claimed_at
                    """),
            Rule(
                name: "I10 a task succeeded while it still waited",
                offenders: "SELECT id::text AS what FROM tasks WHERE state = 'succeeded' AND waiting_on <> 0"),
        ]
    }

    /// I5: every visible artifact is there, where its attempt alone could write, and its bytes hash to the record.
    private static func objectViolations(_ client: PostgresClient, _ objects: S3Client) async throws -> [String] {
        let rows = try await client.query(
            "SELECT run_id, task_id, attempt, name, object_key, size, encode(sha256, 'hex') AS sha256 FROM artifacts")
        let target = FilePath(FileManager.default.temporaryDirectory.path).appending("artifact-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: target.string) }
        var violations: [String] = []
        for row in rows {
            let key: String = try row.decode("object_key")
            let run = RunID(try row.decode("run_id", as: UUID.self))
            let task = TaskID(try row.decode("task_id", as: UUID.self))
            let expected = "runs/\(run)/\(task)/\(try row.decode("attempt", as: Int.self))/"
            if key != expected + (try row.decode("name", as: String.self)) { violations.append("I5 key: \(key)") }
            do {
                let object = try await objects.head(key: key)
                if try object?.size != row.decode("size", as: Int64.self) { violations.append("I5 size: \(key)") }
                try await objects.download(key: key, to: target, expectedSHA256: try row.decode("sha256"))
            } catch let error as ObjectStoreError {
                violations.append("I5 \(error): \(key)")
            }
        }
        return violations
    }
}
