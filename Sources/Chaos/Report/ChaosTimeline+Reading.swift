import Foundation
import Postgres
import StudioCore

extension ChaosTimeline {
    /// Reads what has happened from the database.
    static func read(_ database: PostgresClient) async throws -> ChaosTimeline {
        let successes = try await database.query(
            """
            SELECT e.task_id, e.at, a.claimed_at, cardinality(t.outputs) > 0 AS has_files FROM run_events e
            JOIN attempts a ON a.task_id = e.task_id AND a.attempt = e.attempt JOIN tasks t ON t.id = e.task_id
            WHERE e.state = 'succeeded' ORDER BY e.at
            """
        ).map { row in
            TaskSuccess(
                task: TaskID(try row.decode("task_id", as: UUID.self)), claimedAt: try row.decode("claimed_at"),
                at: try row.decode("at"), hasFiles: try row.decode("has_files"))
        }
        let takeOvers = try await database.query(
            """
            SELECT a.task_id, a.worker_id, a.claimed_at, b.claimed_at AS taken_at FROM attempts a
            JOIN attempts b ON b.task_id = a.task_id AND b.attempt = a.attempt + 1
            WHERE a.outcome = 'expired' ORDER BY b.claimed_at
            """
        ).map { row in
            TakeOver(
                task: TaskID(try row.decode("task_id", as: UUID.self)),
                worker: WorkerID(try row.decode("worker_id", as: UUID.self)), claimedAt: try row.decode("claimed_at"),
                takenAt: try row.decode("taken_at"))
        }
        return ChaosTimeline(successes: successes, takeOvers: takeOvers)
    }
}
