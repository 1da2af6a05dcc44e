import Foundation
import HTTPTypes
import HummingbirdTesting
import StudioCore
import Synchronization
import Testing

@testable import StudioAPI

/// The document and the server say the same.
@Suite struct OpenAPITests {
    private func document() throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(DocumentRoutes.document))
        return try #require(object as? [String: Any])
    }

    func paths() throws -> [String: [String: [String: Any]]] {
        try #require(try document()["paths"] as? [String: [String: [String: Any]]])
    }

    func routes() throws -> [RouteTable.Route] {
        let configuration = try APIConfiguration(host: "127.0.0.1", port: 0, apiKey: Bench.key)
        let services = APIServices(repository: FakeRepository(), link: { key, _, _ in key }, logger: Bench.silence)
        return RouteTable(configuration, services).routes
    }

    /// Answers of the server fit the schema that the document gives for that operation and status.
    func check(
        _ response: TestResponse, _ method: String, _ path: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let check = SchemaCheck(document: try document())
        let operation = try #require(try paths()[path]?[method])
        let responses = try #require(operation["responses"] as? [String: [String: Any]])
        var answer = try #require(
            responses["\(response.status.code)"], "\(response.status) is not described", sourceLocation: sourceLocation)
        if let reference = answer["$ref"] as? String { answer = try #require(check.resolve(reference)) }
        let content = try #require(answer["content"] as? [String: [String: Any]], sourceLocation: sourceLocation)
        let type = response.headers[.contentType] ?? ""
        let schema = try #require(content[type]?["schema"] as? [String: Any], sourceLocation: sourceLocation)
        let value = try JSONSerialization.jsonObject(with: Data(response.text.utf8))
        #expect(check.faults(value, schema) == [], sourceLocation: sourceLocation)
    }

    @Test func `every route is described, and nothing else`() throws {
        let served = Set(try routes().map { "\($0.method.rawValue.lowercased()) \($0.path)" })
        let described = Set(try paths().flatMap { path, operations in operations.keys.map { "\($0) \(path)" } })
        #expect(served == described)
    }

    @Test func `every reference leads somewhere, and every operation has its own id`() throws {
        let document = try document()
        let check = SchemaCheck(document: document)
        let references = Set(SchemaCheck.references(document))
        #expect(!references.isEmpty)
        for reference in references { #expect(check.resolve(reference) != nil, "\(reference)") }
        let ids = try paths().values.flatMap { $0.values.compactMap { $0["operationId"] as? String } }
        #expect(Set(ids).count == ids.count)
        #expect(try ids.count == paths().values.reduce(0) { $0 + $1.count })
    }

    @Test func `what the server answers is what the document says`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let film = try await client.send(.post, "/v1/runs", Self.film)
            try check(film, "post", "/v1/runs")
            let run = try film.decode(RunRecord.self)
            try check(try await client.send(.post, "/v1/runs?dry_run=true", Self.film), "post", "/v1/runs")
            try check(try await client.send(.post, "/v1/runs", "{}"), "post", "/v1/runs")
            try check(try await client.send(.post, "/v1/runs", "{"), "post", "/v1/runs")
            try check(try await client.send(.post, "/v1/runs", "{}", type: "text/plain"), "post", "/v1/runs")
            bench.repository.change { state in
                for id in state.tasks.keys {
                    state.tasks[id]?.phase = "sampling"
                    state.tasks[id]?.progress = ProgressRecord(done: 1, total: 2, unit: "frames", etaSeconds: 3)
                    state.tasks[id]?.reason = ReasonRecord(TaskFailure(.temporary, code: "c", detail: "d"))
                    state.tasks[id]?.worker = "gpu-1"
                    state.tasks[id]?.startedAt = Date()
                }
            }
            bench.repository.happen(run.id, .taskState, .running, key: "a/video", shot: "a")
            let artifact = ArtifactRecord(
                id: ArtifactID(), run: run.id, task: TaskID(), taskKey: "a/video", shot: "a", name: "video.mp4",
                contentType: "video/mp4", bytes: 3, sha256: "00", media: MediaFacts(frames: 48), createdAt: Date(),
                objectKey: "k")
            bench.repository.change { $0.artifacts[artifact.id] = artifact }
            let task = try #require(
                try await client.get("/v1/runs/\(run.id)/tasks").decode(RecordList<TaskRecord>.self).data.first)
            for (uri, path) in [
                ("/v1/runs?limit=1", "/v1/runs"), ("/v1/runs/\(run.id)", "/v1/runs/{id}"),
                ("/v1/runs/\(run.id)/shots", "/v1/runs/{id}/shots"),
                ("/v1/runs/\(run.id)/tasks?limit=1", "/v1/runs/{id}/tasks"),
                ("/v1/runs/\(run.id)/artifacts", "/v1/runs/{id}/artifacts"),
                ("/v1/runs/\(run.id)/events", "/v1/runs/{id}/events"), ("/v1/tasks", "/v1/tasks"),
                ("/v1/tasks/\(task.id)", "/v1/tasks/{id}"), ("/v1/artifacts/\(artifact.id)", "/v1/artifacts/{id}"),
                ("/v1/workers", "/v1/workers"), ("/v1/queue_stats", "/v1/queue_stats"),
                ("/v1/runs/\(RunID())", "/v1/runs/{id}"), ("/v1/runs?x=1", "/v1/runs"),
            ] {
                try check(try await client.get(uri), "get", path)
            }
        }
    }

    @Test func `what the server answers to who controls runs, tasks and workers is what the document says`()
        async throws
    {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.send(.post, "/v1/runs", Self.film).decode(RunRecord.self).id
            let tasks = try await client.get("/v1/runs/\(run)/tasks").decode(RecordList<TaskRecord>.self).data
            let task = try #require(tasks.first { $0.state == .queued }).id
            bench.repository.change { $0.tasks[task]?.attempt = AttemptRecord(n: 2, max: 3) }
            for (uri, path) in [
                ("/v1/runs/\(run)/spent", "/v1/runs/{id}/spent"),
                ("/v1/runs/\(RunID())/spent", "/v1/runs/{id}/spent"),
                ("/v1/tasks/\(task)/attempts", "/v1/tasks/{id}/attempts"),
                ("/v1/tasks/\(TaskID())/attempts", "/v1/tasks/{id}/attempts"),
                ("/v1/tasks/\(task)/why", "/v1/tasks/{id}/why"), ("/v1/tasks/\(TaskID())/why", "/v1/tasks/{id}/why"),
            ] {
                try check(try await client.get(uri), "get", path)
            }
            for action in ["pause", "resume", "cancel", "retry"] {
                for (id, noun) in [("\(task)", "tasks"), ("\(run)", "runs")] {
                    for uri in [id, "garbage"].map({ "/v1/\(noun)/\($0)/\(action)" }) + [
                        "/v1/\(noun)/\(id)/\(action)?x=1"
                    ] {
                        try check(try await client.send(.post, uri), "post", "/v1/\(noun)/{id}/\(action)")
                    }
                }
            }
            let forbidden = try await client.send(.post, "/v1/runs/\(run)/retry?scope=all")
            #expect(forbidden.status == .conflict)
            try check(forbidden, "post", "/v1/runs/{id}/retry")
            let headers = [("Idempotency-Key", "k")]
            for action in ["pause", "cancel"] {
                let response = try await client.send(.post, "/v1/runs/\(run)/\(action)", headers: headers)
                #expect(response.status == (action == "pause" ? .ok : .unprocessableContent))
                try check(response, "post", "/v1/runs/{id}/\(action)")
            }
            let worker = try #require(bench.repository.state.withLock { $0.workers.first }).id
            for (id, body) in [
                ("\(worker)", #"{"desired_state":"paused"}"#), ("\(worker)", "{}"), ("\(worker)", "{"),
                ("\(WorkerID())", #"{"desired_state":"paused"}"#),
            ] {
                try check(try await client.send(.patch, "/v1/workers/\(id)", body), "patch", "/v1/workers/{id}")
            }
            try check(
                try await client.send(.patch, "/v1/workers/\(worker)", "{}", type: "text/plain"), "patch",
                "/v1/workers/{id}")
            bench.repository.happen(run, .runReopened, .queued)
            try check(try await client.get("/v1/runs/\(run)/events"), "get", "/v1/runs/{id}/events")
        }
    }

    @Test func `the examples of the document are right, and are accepted`() async throws {
        let check = SchemaCheck(document: try document())
        for (path, operations) in try paths() {
            for operation in operations.values {
                let answers = (operation["responses"] as? [String: [String: Any]] ?? [:]).values
                let body = operation["requestBody"].map { [$0 as? [String: Any] ?? [:]] } ?? []
                for part in answers + body {
                    for content in (part["content"] as? [String: [String: Any]] ?? [:]).values {
                        guard let example = content["example"], let schema = content["schema"] as? [String: Any] else {
                            continue
                        }
                        #expect(check.faults(example, schema) == [], "\(path)")
                    }
                }
            }
        }
        let body = try #require(try paths()["/v1/runs"]?["post"]?["requestBody"] as? [String: Any])
        let content = try #require((body["content"] as? [String: [String: Any]])?["application/json"])
        let example = try JSONSerialization.data(withJSONObject: try #require(content["example"]))
        try await Bench().run { client in
            let response = try await client.send(.post, "/v1/runs", String(decoding: example, as: UTF8.self))
            #expect(response.status == .created)
        }
    }

    @Test func `a spec that the server accepts is one by the schema, in its canonical form`() throws {
        let check = SchemaCheck(document: try document())
        let schema = try #require(check.resolve("#/components/schemas/RunSpec"))
        for text in [Self.film, Bench.load] {
            let canonical = try RunSpec.parse(json: text.utf8).canonicalJSON
            let value = try JSONSerialization.jsonObject(with: Data(canonical.utf8))
            #expect(check.faults(value, schema) == [])
        }
    }

    @Test func `the document itself is served`() async throws {
        try await Bench().run { client in
            let response = try await client.get("/v1/openapi.json")
            #expect(response.status == .ok)
            #expect(response.text.contains("\"openapi\": \"3.1.0\""))
        }
    }

    private static let film = #"""
        {"film": {"title": "T", "fps": "24000/1001", "size": "640x360", "seed": 7, "style": "ink"},
         "characters": {"mara": {"description": "pilot", "voice": "slt"}}, "places": {"pier": {"description": "wood"}},
         "music": [{"prompt": "cello", "to": "end", "gain_db": -8}],
         "shots": [
           {"id": "a", "duration": "48f", "video": {"prompt": "fog", "entities": ["mara", "pier"]}, "lipsync": true,
            "dialogue": [{"by": "mara", "at": "0.5s", "line": "Late."}],
            "effects": [{"prompt": "gull", "at": "1s", "duration": "0.5s"}]},
           {"id": "b", "duration": "96f", "video": {"prompt": "light"},
             "transition": {"kind": "dissolve", "frames": 12}}],
         "policy": {"priority": "interactive", "attempts_max": 2, "deadline": "2h",
                    "requires": {"vram_mib": 24576, "labels": {"zone": "eu"}}},
         "metadata": {"k": "v"}, "labels": ["x"]}
        """#
}
