import Foundation
import Logging
import Orchestrator
import Postgres
import StudioCore
import StudioStore
import Testing

/// Which leases are ended, and when.
@Suite struct ReaperStoreTests {
    private func reaper(_ bench: StoreBench) -> LeaseReaper {
        LeaseReaper(tasks: bench.tasks, workers: bench.workers, logger: PostgresBench.quiet)
    }

    private func silence(_ bench: StoreBench, seconds: Double) async throws {
        try await bench.client.execute("UPDATE workers SET last_seen = now() - make_interval(secs => \(seconds))")
    }

    @Test func `a canceled task ends although no worker is alive any more, and why tells since when`() async throws {
        try await StoreBench.with { bench in
            let (run, tasks) = try await bench.submitted(tasks: 1)
            let (_, others) = try await bench.submitted(tasks: 1)
            let worker = try await bench.register("gpu-1")
            for task in tasks + others { _ = try await bench.claim(task, by: worker, lease: .zero) }
            #expect(try await bench.done(.cancel, run).state == .canceling)
            try await silence(bench, seconds: 60)
            let why = try #require(try await bench.runs.why(tasks[0], tenant: .standard))
            #expect(why.causes.map(\.code) == [.canceling])
            #expect(why.causes[0].detail.contains("gpu-1 has been told to stop, but has not been heard of since"))

            let reaper = reaper(bench)
            #expect(try await reaper.reap() == 1)
            #expect(try await bench.runState(run) == .canceled)
            #expect(try await bench.states(others) == [.running], "nobody is there to take it over")
            try await silence(bench, seconds: 0)
            #expect(try await reaper.reap() == 0, "the others have not had the time to come back")
            try await bench.expectConsistent(run)
        }
    }

    @Test func `while somebody is heard of, all leases that have run out are ended`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 2)
            let worker = try await bench.register("gpu-1")
            for task in tasks { _ = try await bench.claim(task, by: worker, lease: .zero) }
            #expect(try await reaper(bench).reap() == 2)
        }
    }

    @Test func `a look that comes late leaves alone what has run out since it began`() async throws {
        try await StoreBench.with { bench in
            let (_, tasks) = try await bench.submitted(tasks: 1)
            let worker = try await bench.register("gpu-1")
            let begun = try await bench.workers.silence().at
            // Claimed after the look had begun, and not renewed while the database stood still.
            _ = try await bench.claim(tasks[0], by: worker, lease: .zero)
            #expect(try await bench.tasks.expireLeases(limit: 10, by: begun).isEmpty)
            let later = try await bench.workers.silence().at
            #expect(try await bench.tasks.expireLeases(limit: 10, by: later).map(\.task) == tasks)
        }
    }
}
