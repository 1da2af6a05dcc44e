import Foundation
import HTTPTypes
import HummingbirdTesting
import StudioCore
import Telemetry
import Testing

@testable import StudioAPI

@Suite struct OperationTests {
    private struct Broken: Error {}

    @Test func `ready when every probe answers`() async throws {
        var bench = Bench()
        bench.probes = [.database {}, .objectStore {}]
        try await bench.run { client in
            let response = try await client.get("/readyz")
            #expect(response.status == .ok)
            #expect(response.text.contains(#""ready":true"#))
        }
    }

    @Test func `not ready when a probe fails, without telling its secrets`() async throws {
        var bench = Bench()
        bench.probes = [.database { throw Broken() }, .objectStore {}]
        try await bench.run { client in
            let response = try await client.get("/readyz")
            #expect(response.status == .serviceUnavailable)
            #expect(response.text.contains(#""name":"database","ok":false,"detail":"does not answer"#))
            #expect(response.text.contains(#""name":"object_store","ok":true"#))
            #expect(!response.text.contains("Broken"))
        }
    }

    @Test func `metrics are served as they are`() async throws {
        try await Bench().run { client in
            let response = try await client.get("/metrics")
            #expect(response.text == "answer 42\n")
            #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        }
    }

    @Test func `a request keeps its caller's id, and gets one otherwise`() async throws {
        try await Bench().run { client in
            let own = try await client.get("/healthz", headers: [("Request-Id", "abc-1.2_3")])
            #expect(own.headers[.requestID] == "abc-1.2_3")
            for bad in ["has space", "new\tline", String(repeating: "x", count: 129), "<script>"] {
                let response = try await client.get("/healthz", headers: [("Request-Id", bad)])
                #expect(response.headers[.requestID] != bad)
                #expect(response.headers[.requestID]?.count == 36)
            }
        }
    }

    @Test func `an unexpected error is 500, tells its request id and nothing else`() async throws {
        let bench = Bench()
        bench.repository.fail(with: Broken())
        try await bench.run { client in
            let problem = try await client.get("/v1/runs").problem(.internalServerError, "internal")
            #expect(!problem.detail.contains("Broken"))
        }
    }

    @Test func `a database that is away is 503 and worth another try`() async throws {
        let bench = Bench()
        bench.repository.fail(with: FakeRepository.Away())
        try await bench.run { client in
            let response = try await client.get("/v1/runs")
            let problem = try response.problem(.serviceUnavailable, "unavailable")
            #expect(problem.retryable)
            #expect(problem.retryAfterSeconds == 2)
            #expect(response.headers[.retryAfter] == "2")
        }
    }

    @Test func `an artifact leads to a short-lived link with a harmless file name`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit()
            let artifact = ArtifactRecord(
                id: ArtifactID(), run: run.id, task: TaskID(), taskKey: "s\"01/video", shot: "s\"01",
                name: "video.mp4", contentType: "video/mp4", bytes: 3, sha256: "00", createdAt: Date(),
                objectKey: "runs/1/video.mp4")
            bench.repository.change { $0.artifacts[artifact.id] = artifact }
            let view = try await client.get("/v1/artifacts/\(artifact.id)")
            #expect(!view.text.contains("runs/1"))
            #expect(try view.decode(ArtifactRecord.self).name == "video.mp4")
            let content = try await client.get("/v1/artifacts/\(artifact.id)/content")
            #expect(content.status == .found)
            #expect(
                content.headers[.location]
                    == "https://store.test/runs/1/video.mp4?expires=300&as=attachment; filename=\"s_01-video.mp4\"")
            #expect(content.headers[.cacheControl] == "no-store")
            let list = try await client.get("/v1/runs/\(run.id)/artifacts").decode(RecordList<ArtifactRecord>.self)
            #expect(list.data.map(\.id) == [artifact.id])
        }
    }
}
