import Foundation
import Postgres
import StudioCore
import StudioStore
import Testing

@Suite struct RunStoreTests {
    @Test func `the same key with the same request answers the same run, with another it conflicts`() async throws {
        try await StoreBench.with { bench in
            guard case .created(let first) = try await bench.submit(tasks: 1, key: "k"),
                case .replayed(let again) = try await bench.submit(tasks: 1, key: "k")
            else {
                Issue.record("a repeated request was not replayed")
                return
            }
            #expect(first.id == again.id)
            guard case .conflictingBody = try await bench.submit(tasks: 1, key: "k", hash: "other") else {
                Issue.record("another request with the same key did not conflict")
                return
            }
            #expect(try await bench.runs.runs(RunFilter(), after: nil, limit: 10, tenant: .standard).items.count == 1)
        }
    }

    @Test func `concurrent requests with one key make one run`() async throws {
        try await StoreBench.with { bench in
            let ids = try await withThrowingTaskGroup(of: RunID?.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        switch try await bench.submit(tasks: 3, key: "same") {
                        case .created(let run), .replayed(let run): run.id
                        case .conflictingBody, .inFlight: nil
                        }
                    }
                }
                return try await group.reduce(into: Set<RunID>()) { if let id = $1 { $0.insert(id) } }
            }
            #expect(ids.count == 1)
        }
    }

    @Test func `the sample film is stored whole, with entities that can be searched by meaning`() async throws {
        try await StoreBench.with { bench in
            let spec = try SampleFilmPlan.plan()
            guard
                case .created(let run) = try await bench.runs.createRun(
                    NewRun(tenant: .standard, specification: "{}", plan: spec, labels: ["demo"]))
            else {
                Issue.record("the run was not created")
                return
            }
            #expect(run.tasks.total == spec.tasks.count)
            let shots = try #require(try await bench.runs.shots(of: run.id, tenant: .standard))
            #expect(shots.map(\.number) == Array(1...spec.shots.count))
            #expect(shots.map(\.frames) == spec.shots.map(\.frames))
            let wanted = try #require(spec.entities.first)
            let nearest = try await bench.client.query(
                """
                SELECT name FROM entities WHERE run_id = \(run.id.uuid)
                ORDER BY embedding <=> \(PostgresVector(LocalEmbedder().embed(wanted.description))) LIMIT 1
                """)
            #expect(try nearest[0].decode("name", as: String.self) == wanted.name)
        }
    }

    @Test func `pages of runs neither repeat nor miss one`() async throws {
        try await StoreBench.with { bench in
            for _ in 0..<7 { try await bench.submit(tasks: 1) }
            var seen: [RunID] = []
            var last: RunID?
            repeat {
                let page = try await bench.runs.runs(RunFilter(), after: last, limit: 3, tenant: .standard)
                seen += page.items.map(\.id)
                last = page.hasMore ? page.items.last?.id : nil
            } while last != nil
            #expect(seen.count == 7)
            #expect(seen == seen.sorted(by: >))
        }
    }

    @Test func `another tenant sees nothing`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 1)
            let stranger = TenantID()
            #expect(try await bench.runs.run(run, tenant: stranger) == nil)
            #expect(try await bench.runs.task(tasks[0], tenant: stranger) == nil)
            #expect(try await bench.runs.shots(of: run, tenant: stranger) == nil)
            #expect(try await bench.runs.events(of: run, after: 0, limit: 10, tenant: stranger).isEmpty)
            #expect(try await bench.runs.runs(RunFilter(), after: nil, limit: 10, tenant: stranger).items.isEmpty)
        }
    }
}
