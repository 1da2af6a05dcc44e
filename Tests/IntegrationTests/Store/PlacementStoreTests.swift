import Foundation
import Postgres
import StudioCore
import StudioStore
import Testing

/// Which worker gets which task, by what tasks ask for and workers can do.
@Suite struct PlacementStoreTests {
    private static let asked = TaskRequirements(model: "wan", vramMiB: 24_576, labels: ["zone": "eu"])
    private let tooLittle = TaskFailure(.resource, code: TaskFailure.outOfMemoryCode, detail: "20 GiB asked")

    @Test func `a task is given to a worker that can do it, and to no other, which costs no attempt`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1, attemptsMax: 1, requirements: Self.asked)
            let able = try await bench.register(
                "able", models: ["flux", "wan"], vramMiB: 24_576, labels: ["zone": "eu", "host": "a"])
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).map(\.task) == tasks)
            let others = [
                try await bench.register("model", models: ["flux"], vramMiB: 81_920, labels: ["zone": "eu"]),
                try await bench.register("memory", models: ["wan"], vramMiB: 24_575, labels: ["zone": "eu"]),
                try await bench.register("label", models: ["wan"], vramMiB: 24_576, labels: ["zone": "us"]),
                try await bench.register("unlabeled", models: ["wan"], vramMiB: 24_576),
                try await bench.register("silent"),
                WorkerID(),
            ]
            for other in others { #expect(try await bench.isTurnedAway(tasks[0], other)) }
            #expect(try await bench.claim(tasks[0], by: able) == 1)
        }
    }

    @Test func `a worker of another kind gets nothing, whatever hint it was sent`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            let composer = WorkerID()
            try await bench.workers.register(
                WorkerHello(id: composer, name: "composer", kinds: [.compose], slots: 1, version: "1", labels: [:]))
            #expect(try await bench.isTurnedAway(tasks[0], composer))
        }
    }

    /// The rule in SQL and the one that answers "why" must be the same.
    @Test func `who may have a task by the database is who may have it by the rule`() async throws {
        try await StoreBench.with { bench in
            let wishes = [
                TaskRequirements.none, TaskRequirements(model: "a"), TaskRequirements(vramMiB: 100),
                TaskRequirements(labels: ["x": "1"]), TaskRequirements(labels: ["x": "1", "y": "2"]),
                TaskRequirements(model: "b", vramMiB: 200, labels: ["y": "2"]),
            ]
            let abilities = [[], ["a"], ["a", "b"]].flatMap { models in
                [0, 100, 300].flatMap { vram in
                    [[:], ["x": "1"], ["x": "2", "y": "2"], ["x": "1", "y": "2"]].map {
                        WorkerCapabilities(models: models, vramMiB: vram, labels: $0)
                    }
                }
            }
            var able = 0
            for (number, ability) in abilities.enumerated() {
                let worker = try await bench.register(
                    "w\(number)", models: ability.models, vramMiB: ability.vramMiB, labels: ability.labels)
                for wish in wishes {
                    let (_, tasks) = try await bench.submitted(tasks: 1, requirements: wish)
                    let isTurnedAway = try await bench.isTurnedAway(tasks[0], worker)
                    #expect(isTurnedAway == (wish.obstacle(for: ability) != nil), "\(wish) for \(ability)")
                    if !isTurnedAway { able += 1 }
                }
            }
            #expect(able > abilities.count && able < abilities.count * wishes.count, "the test says nothing")
        }
    }

    @Test func `a task that nobody there can do is hinted to nobody, and hides no other`() async throws {
        try await StoreBench.with { bench in
            let narrow = DispatchWindow(
                hintsMin: 3, hintsPerSlot: 0, hintLife: .seconds(30), workerLife: .seconds(30))
            let (_, large) = try await bench.submitted(tasks: 20, requirements: Self.asked)
            let (_, plain) = try await bench.submitted(tasks: 2)
            _ = try await bench.register("small", vramMiB: 8_192)
            var hinted: [TaskID] = []
            while true {
                let hints = try await bench.tasks.pickHints(in: Lane.all, window: narrow)
                if hints.isEmpty { break }
                hinted += hints.map(\.task)
            }
            #expect(hinted.sorted() == plain.sorted(), "each once, and none of those before them")
            #expect(try await bench.tasks.releaseParked() == 0)

            let why = try #require(try await bench.runs.why(large[0], tenant: .standard))
            #expect(why.state == .queued)
            #expect(why.causes.map(\.code) == [.noCapableWorker])
            #expect(why.causes[0].detail.contains("24576 MiB"))
            #expect(why.workers.map(\.isAble) == [false])
            #expect(why.workers[0].detail.contains("has 8192 MiB"))

            // A worker that an operator has paused is of no use either.
            let able = try await bench.register("large", vramMiB: 81_920, labels: ["zone": "eu"])
            _ = try await bench.runs.want(.paused, of: able)
            #expect(try await bench.tasks.releaseParked() == 0)
            _ = try await bench.runs.want(.active, of: able)
            #expect(try await bench.tasks.releaseParked() == large.count)
            let wide = DispatchWindow.standard
            #expect(Set(try await bench.tasks.pickHints(in: Lane.all, window: wide).map(\.task)) == Set(large))
            let told = try #require(try await bench.runs.why(large[0], tenant: .standard))
            #expect(told.workers.map(\.isAble) == [true, false])
        }
    }

    @Test func `tasks whose only worker is busy are not in the way of those that others can do`() async throws {
        try await StoreBench.with { bench in
            let narrow = DispatchWindow(
                hintsMin: 3, hintsPerSlot: 0, hintLife: .seconds(30), workerLife: .seconds(30))
            let able = try await bench.register("able", models: ["wan"])
            let small = try await bench.register("small", models: ["flux"])
            _ = try await bench.workers.see([WorkerSighting(id: able, running: 4, draining: false)])
            let (_, large) = try await bench.submitted(tasks: 7, requirements: TaskRequirements(model: "wan"))
            let (_, plain) = try await bench.submitted(tasks: 2)
            var begun: [TaskID] = []
            while true {
                let hints = try await bench.tasks.pickHints(in: Lane.all, window: narrow)
                if hints.isEmpty { break }
                for hint in hints {
                    let outcome = try await bench.tasks.claim(
                        [ClaimOrder(task: hint.task, attempt: hint.attempt, worker: small)], lease: StoreBench.lease)
                    if case .granted = outcome[0] { begun.append(hint.task) }
                }
            }
            #expect(Set(begun) == Set(plain))
            // No queue holds what is kept back, whatever else it holds: it is not given more time.
            let lane = Lane(kind: .noop, priority: .batch)
            #expect(
                try await bench.tasks.reconcile(lane, queueDepth: 100, olderThan: .seconds(-1), window: narrow) == 0)
            let rows = try await bench.client.query(
                """
                SELECT count(*) FILTER (WHERE hint_expires > now() + interval '1 second') AS long,
                    count(*) FILTER (WHERE hint_expires > now() + interval '5 seconds') AS hinted
                FROM tasks WHERE state = 'queued'
                """)
            #expect(try rows[0].decode("hinted", as: Int.self) == 0)
            #expect(try rows[0].decode("long", as: Int.self) > 0, "while the able one is busy there is no hurry")
            _ = try await bench.workers.see([WorkerSighting(id: able, running: 0, draining: false)])
            #expect(try await bench.isTurnedAway(large[0], small))
            let soon = try await bench.client.query(
                "SELECT hint_expires <= now() + interval '1 second' AS soon FROM tasks WHERE id = \(large[0].uuid)")
            #expect(try soon[0].decode("soon", as: Bool.self))
            #expect(try await bench.claim(large[0], by: able) == 1)
        }
    }

    @Test func `a task whose only worker goes away is hinted no more, until another one comes`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1, requirements: TaskRequirements(model: "wan"))
            let able = try await bench.register("able", models: ["wan"])
            let other = try await bench.register("other", models: ["flux"])
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).map(\.task) == tasks)
            try await bench.client.execute(
                "UPDATE workers SET last_seen = now() - interval '1 minute' WHERE id = \(able.uuid)")
            #expect(try await bench.isTurnedAway(tasks[0], other))
            try await bench.client.execute("UPDATE tasks SET hint_expires = now()")
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).isEmpty)
            _ = try await bench.register("new", models: ["wan"])
            #expect(try await bench.tasks.releaseParked() == 1)
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).map(\.task) == tasks)
        }
    }

    @Test func `a task that waits for a worker can be paused, resumed and canceled`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 2, requirements: Self.asked)
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).isEmpty)
            #expect(try await bench.done(.pause, tasks[0]).state == .paused)
            #expect(try await bench.done(.resume, tasks[0]).state == .queued)
            #expect(try await bench.done(.cancel, tasks[1]).state == .canceled)
            _ = try await bench.register("large", vramMiB: 81_920, labels: ["zone": "eu"])
            _ = try await bench.tasks.releaseParked()
            #expect(try await bench.tasks.pickHints(in: Lane.all, window: .standard).map(\.task) == [tasks[0]])
            #expect(try await bench.done(.cancel, run).state == .canceled)
            try await bench.expectConsistent(run)
        }
    }

    @Test func `a task that ran out of memory goes to a larger GPU, as long as one is there`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1, attemptsMax: 5)
            let small = try await bench.register("small", vramMiB: 8_192)
            let equal = try await bench.register("equal", vramMiB: 8_192)
            let large = try await bench.register("large", vramMiB: 24_576)
            let huge = try await bench.register("huge", vramMiB: 81_920)
            _ = try await bench.claim(tasks[0], by: small)
            _ = try await bench.report(tasks[0], attempt: 1, by: small, .failed(tooLittle))
            #expect(try await bench.isTurnedAway(tasks[0], attempt: 1, small))
            #expect(try await bench.isTurnedAway(tasks[0], attempt: 1, equal))
            let why = try #require(try await bench.runs.why(tasks[0], tenant: .standard))
            #expect(Set(why.workers.filter(\.isAble).map(\.id)) == [large, huge])
            #expect(why.workers.count { $0.detail.contains("ran out of memory") } == 2)

            #expect(try await bench.claim(tasks[0], attempt: 1, by: large) == 2)
            _ = try await bench.report(tasks[0], attempt: 2, by: large, .failed(tooLittle))
            for worker in [small, equal, large] {
                #expect(try await bench.isTurnedAway(tasks[0], attempt: 2, worker))
            }
            // With no larger one there, the largest must do: a smaller one would fail for certain.
            try await bench.client.execute("UPDATE workers SET draining = true WHERE id = \(huge.uuid)")
            #expect(try await bench.isTurnedAway(tasks[0], attempt: 2, equal))
            #expect(try await bench.claim(tasks[0], attempt: 2, by: large) == 3)
        }
    }

    @Test func `a task that ran out of memory waits for a larger worker that is paused, but not for ever`()
        async throws
    {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1, attemptsMax: 5)
            let small = try await bench.register("small", vramMiB: 8_192)
            let large = try await bench.register("large", vramMiB: 24_576)
            _ = try await bench.claim(tasks[0], by: small)
            _ = try await bench.report(tasks[0], attempt: 1, by: small, .failed(tooLittle))
            _ = try await bench.runs.want(.paused, of: large)
            #expect(try await bench.isTurnedAway(tasks[0], attempt: 1, small))
            let why = try #require(try await bench.runs.why(tasks[0], tenant: .standard))
            #expect(why.causes.map(\.code) == [.largerWorker])
            #expect(why.causes[0].detail.contains("the larger worker large"))
            let until = try #require(why.causes[0].until)
            #expect(until > .now + 500 && until < .now + 600)

            _ = try await bench.runs.want(.active, of: large)
            try await bench.client.execute(
                """
                INSERT INTO worker_health (name, strikes, quarantined_until)
                VALUES ('large', 1, now() + interval '1 hour')
                """)
            #expect(try await bench.isTurnedAway(tasks[0], attempt: 1, small))
            // What the database cannot see may keep the larger one from it: in the end the small one tries again.
            try await bench.client.execute("UPDATE attempts SET ended_at = ended_at - interval '11 minutes'")
            #expect(try await bench.claim(tasks[0], attempt: 1, by: small) == 2)
            _ = try await bench.report(tasks[0], attempt: 2, by: small, .failed(tooLittle))
            #expect(try await bench.isTurnedAway(tasks[0], attempt: 2, small), "and then waits as long again")
        }
    }

    @Test func `a failure of another sort asks for no larger GPU`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            let small = try await bench.register("small", vramMiB: 8_192)
            let equal = try await bench.register("equal", vramMiB: 8_192)
            _ = try await bench.register("large", vramMiB: 24_576)
            _ = try await bench.claim(tasks[0], by: small)
            let lost = TaskFailure(.resource, code: "gpu_lost", detail: "Xid 79")
            _ = try await bench.report(tasks[0], attempt: 1, by: small, .failed(lost))
            #expect(try await bench.isTurnedAway(tasks[0], attempt: 1, small))
            #expect(try await bench.claim(tasks[0], attempt: 1, by: equal) == 2)
        }
    }

    @Test func `what a worker says of itself is what the list of workers shows`() async throws {
        try await StoreBench.with { bench in
            _ = try await bench.register("gpu", models: ["b", "a"], vramMiB: 24_576, labels: ["zone": "eu"])
            let worker = try #require(try await bench.runs.workers().first)
            #expect(worker.models == ["b", "a"] && worker.vramMiB == 24_576 && worker.labels == ["zone": "eu"])
        }
    }
}
