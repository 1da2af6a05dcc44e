import Chaos
import ObjectStore
import Postgres
import StudioCore
import Testing

extension PipelineSuite {
    /// The invariants are the judge of every other test here, so they must be able to condemn.
    @Suite struct InvariantTests {
        /// Damage to a good database, what heals it, and the rule that must notice.
        private struct Damage {
            let rule: String
            let hurt: SQL
            let heal: SQL
        }

        @Test func `the invariants notice each kind of damage to a run that ended well`() async throws {
            try await Pipeline.with([PipelineWorker(name: "media")], composer: true) { pipeline in
                try await pipeline.succeeded(try await pipeline.submit(PipelineFilm.specification))
                for damage in Self.damages {
                    try await pipeline.database.execute(damage.hurt)
                    let failure = await #expect(throws: BrokenInvariants.self, "\(damage.rule) notices nothing") {
                        try await Invariants.check(client: pipeline.database, objects: pipeline.objects)
                    }
                    #expect(failure?.description.contains(damage.rule) == true, "\(damage.rule): \(failure as Any)")
                    try await pipeline.database.execute(damage.heal)
                }
                try await Invariants.check(client: pipeline.database, objects: pipeline.objects)
                try await Self.loseObject(pipeline)
            }
        }

        private static func loseObject(_ pipeline: Pipeline) async throws {
            let key: String = try await pipeline.database.query(
                "SELECT object_key FROM artifacts WHERE name = 'film.mp4'")[0].decode("object_key")
            try await pipeline.objects.delete(key: key)
            _ = try await pipeline.objects.put(bytes: [1, 2, 3], key: key, contentType: "video/mp4")
            let failure = await #expect(throws: BrokenInvariants.self) {
                try await Invariants.check(client: pipeline.database, objects: pipeline.objects)
            }
            #expect(failure?.description.contains("I5") == true)
        }

        private static var damages: [Damage] {
            [
                Damage(
                    rule: "I1 a run has not ended", hurt: "UPDATE runs SET state = 'running'",
                    heal: "UPDATE runs SET state = 'succeeded'"),
                Damage(
                    rule: "I1 a run's counters", hurt: "UPDATE runs SET tasks_succeeded = tasks_succeeded - 1",
                    heal: "UPDATE runs SET tasks_succeeded = tasks_succeeded + 1"),
                Damage(
                    rule: "I1 a run did not end as", hurt: "UPDATE runs SET state = 'canceled'",
                    heal: "UPDATE runs SET state = 'succeeded'"),
                Damage(
                    rule: "I1 a task has not ended", hurt: "UPDATE tasks SET state = 'blocked' WHERE key = 'compose'",
                    heal: "UPDATE tasks SET state = 'succeeded' WHERE key = 'compose'"),
                Damage(
                    rule: "I2 an attempt of a task", hurt: "UPDATE attempts SET outcome = NULL",
                    heal: "UPDATE attempts SET outcome = 'succeeded'"),
                Damage(
                    rule: "I2 an attempt began before",
                    hurt: """
                        INSERT INTO attempts (tenant_id, task_id, attempt, worker_id, claimed_at, queue_seconds)
                        SELECT tenant_id, task_id, 2, worker_id, claimed_at, 0 FROM attempts
                        """,
                    heal: "DELETE FROM attempts WHERE attempt = 2"),
                Damage(
                    rule: "I3 a task did not succeed by exactly one", hurt: "UPDATE attempts SET outcome = 'expired'",
                    heal: "UPDATE attempts SET outcome = 'succeeded'"),
                Damage(
                    rule: "I3 an artifact is not of",
                    hurt: "UPDATE artifacts SET attempt = 2 WHERE name = 'film.mp4'",
                    heal: "UPDATE artifacts SET attempt = 1 WHERE name = 'film.mp4'"),
                Damage(
                    rule: "I4 a task did not end exactly once",
                    hurt: "UPDATE run_events SET state = 'queued' WHERE state = 'succeeded' AND task_id IS NOT NULL",
                    heal: """
                        UPDATE run_events e SET state = 'succeeded' WHERE task_id IS NOT NULL
                            AND seq = (SELECT max(seq) FROM run_events WHERE task_id = e.task_id)
                        """),
                Damage(
                    rule: "I4 a task has not one event for each claim",
                    hurt: "UPDATE run_events SET state = 'retrying' WHERE state = 'running' AND task_id IS NOT NULL",
                    heal: "UPDATE run_events SET state = 'running' WHERE state = 'retrying'"),
                Damage(
                    rule: "I4 a run's events have gaps", hurt: "UPDATE run_events SET seq = 9999 WHERE seq = 3",
                    heal: "UPDATE run_events SET seq = 3 WHERE seq = 9999"),
                Damage(
                    rule: "I5 a task has not one artifact",
                    hurt: "UPDATE tasks SET outputs = array_append(outputs, 'more.txt') WHERE key = 'compose'",
                    heal: "UPDATE tasks SET outputs = outputs[:3] WHERE key = 'compose'"),
                Damage(
                    rule: "I8 a task succeeded after its run",
                    hurt: "UPDATE run_events SET state = 'canceling' WHERE task_id IS NULL AND seq = 1",
                    heal: "UPDATE run_events SET state = 'queued' WHERE task_id IS NULL AND seq = 1"),
                Damage(
                    rule: "I9 a task failed with attempts left",
                    hurt: "UPDATE tasks SET state = 'failed' WHERE key = 'compose'",
                    heal: "UPDATE tasks SET state = 'succeeded' WHERE key = 'compose'"),
                Damage(
                    rule: "I9 a task is called poison",
                    hurt: """
                        UPDATE tasks SET state = 'failed', reason = '{"errorClass": "poison"}' WHERE key = 'compose'
                        """,
                    heal: "UPDATE tasks SET state = 'succeeded', reason = NULL WHERE key = 'compose'"),
                Damage(
                    rule: "I9 a task had more attempts",
                    hurt: "DELETE FROM attempts WHERE task_id = (SELECT id FROM tasks WHERE key = 'compose')",
                    heal: """
                        INSERT INTO attempts (tenant_id, task_id, attempt, worker_id, ended_at, outcome, queue_seconds)
                        SELECT tenant_id, id, 1, id, now(), 'succeeded', 0 FROM tasks WHERE key = 'compose'
                        """),
                Damage(
                    rule: "I10 an attempt began before",
                    hurt: "UPDATE attempts SET claimed_at = claimed_at - interval '1 hour'",
                    heal: "UPDATE attempts SET claimed_at = claimed_at + interval '1 hour'"),
                Damage(
                    rule: "I10 a task succeeded while", hurt: "UPDATE tasks SET waiting_on = 1 WHERE key = 'compose'",
                    heal: "UPDATE tasks SET waiting_on = 0 WHERE key = 'compose'"),
            ]
        }
    }
}
