import Foundation
import ObjectStore
import Orchestrator
import Postgres
import StudioCore
import StudioStore
import Testing

@Suite struct ArtifactAuditorTests {
    private func auditor(_ bench: GarbageBench, objects: S3Client? = nil) -> ArtifactAuditor {
        ArtifactAuditor(
            artifacts: ArtifactStore(client: bench.store.client), objects: objects ?? bench.objects,
            logger: ObjectStoreBench.logger)
    }

    private func makeArtifacts(_ bench: GarbageBench) async throws -> [ArtifactID] {
        for task in bench.tasks {
            _ = try await bench.store.claim(task, by: bench.worker)
            try await bench.upload(task, 1)
            #expect(try await bench.complete(task, 1) == .applied)
        }
        let artifacts = try await bench.store.runs.artifacts(of: bench.run, tenant: .standard)
        return bench.tasks.compactMap { task in artifacts.first { $0.task == task }?.id }
    }

    @Test func `artifacts whose objects are there are not told`() async throws {
        try await GarbageBench.with(tasks: 3) { bench in
            #expect(try await auditor(bench).audit() == [])
            _ = try await makeArtifacts(bench)
            #expect(try await auditor(bench).audit() == [])
        }
    }

    @Test func `an object that is gone, or of another size, is found`() async throws {
        try await GarbageBench.with(tasks: 3) { bench in
            let artifacts = try await makeArtifacts(bench)
            try await bench.objects.delete(key: bench.key(bench.tasks[0], 1))
            try await bench.objects.put(bytes: [1], key: bench.key(bench.tasks[1], 1), contentType: "audio/wav")
            #expect(Set(try await auditor(bench).audit()) == Set(artifacts.prefix(2)))
        }
    }

    @Test func `an object that the store refuses to look up keeps no other from being missed`() async throws {
        try await GarbageBench.with(tasks: 3) { bench in
            let artifacts = try await makeArtifacts(bench)
            let refused = RefusedObject(key: bench.key(bench.tasks[1], 1))
            let proxy = try refused.proxy(to: try #require(URLComponents(string: bench.storage.endpoint)?.port))
            defer { proxy.close() }
            for task in [bench.tasks[0], bench.tasks[2]] { try await bench.objects.delete(key: bench.key(task, 1)) }
            let objects = try bench.storage.client(endpoint: "http://127.0.0.1:\(proxy.port)")
            #expect(Set(try await auditor(bench, objects: objects).audit()) == [artifacts[0], artifacts[2]])
            #expect(refused.path != nil)
        }
    }

    @Test func `all artifacts get their turn, again and again`() async throws {
        try await GarbageBench.with(tasks: 5) { bench in
            let artifacts = try await makeArtifacts(bench)
            for task in bench.tasks { try await bench.objects.delete(key: bench.key(task, 1)) }
            let auditor = auditor(bench)
            for _ in 0..<2 {
                var found: [ArtifactID] = []
                for _ in 0..<3 { found += try await auditor.audit(limit: 2) }
                #expect(Set(found) == Set(artifacts))
                #expect(found.count == artifacts.count)
            }
        }
    }

    @Test func `what was given up is not missed`() async throws {
        try await GarbageBench.with(tasks: 1) { bench in
            _ = try await makeArtifacts(bench)
            try await bench.objects.delete(key: bench.key(bench.tasks[0], 1))
            _ = try await bench.store.done(.retry(.all), bench.run)
            #expect(try await auditor(bench).audit() == [])
        }
    }
}
