import Foundation
import HTTPTypes
import HummingbirdTesting
import StudioCore
import Synchronization
import Testing

@testable import StudioAPI

@Suite struct SubmissionTests {
    @Test func `an accepted run is answered with 201, its place and what it is`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let response = try await client.send(.post, "/v1/runs", Bench.load)
            #expect(response.status == .created)
            let run = try response.decode(RunRecord.self)
            #expect(response.headers[.location] == "/v1/runs/\(run.id)")
            #expect(run.state == .queued)
            #expect(run.tasks[.queued] == 3)
            #expect(run.labels == ["nightly"])
            #expect(run.metadata == ["ticket": "A-1"])
            #expect(response.text.contains(#""is_terminal":false"#))
            let again = try await client.get("/v1/runs/\(run.id)").decode(RunRecord.self)
            #expect(again.id == run.id)
        }
    }

    @Test func `a dry run answers the plan and writes nothing`() async throws {
        let bench = Bench()
        try await bench.run { client in
            let response = try await client.send(.post, "/v1/runs?dry_run=true", Bench.load)
            #expect(response.status == .ok)
            let plan = try response.decode(PlanRecord.self)
            #expect(plan.tasks == 3)
            #expect(plan.tasksByKind == ["noop": 3])
        }
        #expect(bench.repository.state.withLock { $0.runs.isEmpty })
    }

    @Test func `all faults of a spec are told at once, each with its place`() async throws {
        let body = #"{"film":{"title":"","fps":24,"size":"1280x720"},"shots":[{"id":"a","duration":"x"}],"zzz":1}"#
        try await Bench().run { client in
            let problem = try await client.send(.post, "/v1/runs", body)
                .problem(.unprocessableContent, "invalid_run_spec")
            let errors = try #require(problem.errors)
            #expect(errors.count >= 3)
            #expect(errors.contains { $0.pointer == "/zzz" && $0.code == "unknown_field" })
            #expect(errors.contains { $0.pointer.hasPrefix("/shots/0/duration") })
            #expect(errors.allSatisfy { !$0.detail.isEmpty })
        }
    }

    @Test(arguments: [
        "", "{", "nope", "[1,", "\u{0}", "{\"a\":1,\"a\":2}", "{\"noop\":{\"tasks\":1}}trailing",
        String(repeating: "[", count: 5_000),
    ])
    func `garbage is 400 and says where`(body: String) async throws {
        try await Bench().run { client in
            let problem = try await client.send(.post, "/v1/runs", body).problem(.badRequest, "malformed_json")
            #expect(problem.errors?.isEmpty == false)
        }
    }

    @Test(arguments: ["3", "\"text\"", "[]", "null", "{}"])
    func `JSON that is no spec is 422`(body: String) async throws {
        try await Bench().run { client in
            _ = try await client.send(.post, "/v1/runs", body).problem(.unprocessableContent, "invalid_run_spec")
        }
    }

    @Test func `a body over the limit is 413`() async throws {
        let body = "{\"x\":\"" + String(repeating: "a", count: APILimits.bodyMax) + "\"}"
        try await Bench().run { client in
            _ = try await client.send(.post, "/v1/runs", body).problem(.contentTooLarge, "body_too_large")
        }
    }

    @Test(arguments: [nil, "text/plain", "application/x-yaml", "multipart/form-data"])
    func `another type than JSON is 415`(type: String?) async throws {
        try await Bench().run { client in
            _ = try await client.send(.post, "/v1/runs", Bench.load, type: type)
                .problem(.unsupportedMediaType, "unsupported_media_type")
        }
    }

    @Test func `the type may carry a charset`() async throws {
        try await Bench().run { client in
            let response = try await client.send(
                .post, "/v1/runs", Bench.load, type: "application/json; charset=utf-8")
            #expect(response.status == .created)
        }
    }

    @Test(arguments: ["abc", "\"abc\""])
    func `a repeated key answers with the run that it made`(field: String) async throws {
        let bench = Bench()
        try await bench.run { client in
            let first = try await client.send(.post, "/v1/runs", Bench.load, headers: [("Idempotency-Key", field)])
            // The same spec in other clothes is the same request.
            let same = #"{ "metadata":{"ticket":"A-1"}, "labels":["nightly"], "noop":{"tasks":3,"sleep_ms":0} }"#
            let second = try await client.send(.post, "/v1/runs", same, headers: [("Idempotency-Key", "abc")])
            #expect(first.headers[.idempotencyReplayed] == nil)
            #expect(second.status == .created)
            #expect(second.headers[.idempotencyReplayed] == "true")
            #expect(try first.decode(RunRecord.self).id == second.decode(RunRecord.self).id)
        }
        #expect(bench.repository.state.withLock { $0.runs.count } == 1)
    }

    @Test func `a key that comes with another body is 422`() async throws {
        try await Bench().run { client in
            let headers = [("Idempotency-Key", "k")]
            _ = try await client.send(.post, "/v1/runs", Bench.load, headers: headers)
            _ = try await client.send(.post, "/v1/runs", #"{"noop":{"tasks":4}}"#, headers: headers)
                .problem(.unprocessableContent, "idempotency_key_reused")
        }
    }

    @Test func `a key whose first request is not answered yet is 409, and may be tried again`() async throws {
        let bench = Bench()
        bench.repository.change { $0.inFlight = ["k"] }
        try await bench.run { client in
            let response = try await client.send(
                .post, "/v1/runs", Bench.load, headers: [("Idempotency-Key", "k")])
            let problem = try response.problem(.conflict, "idempotency_key_in_flight")
            #expect(problem.retryable)
            #expect(response.headers[.retryAfter] == "1")
        }
    }

    @Test(arguments: ["", "\"\"", "\"open", "\"a\"b\"", String(repeating: "k", count: 256), "\"bad\\escape\""])
    func `a key that is empty, too long or malformed is 400`(field: String) async throws {
        try await Bench().run { client in
            _ = try await client.send(.post, "/v1/runs", Bench.load, headers: [("Idempotency-Key", field)])
                .problem(.badRequest, "invalid_idempotency_key")
        }
    }

    @Test func `a key may have 255 characters, and escapes are read`() throws {
        let long = String(repeating: "k", count: 255)
        #expect(try IdempotencyKey.read(long) == long)
        #expect(try IdempotencyKey.read(#""a\"b\\c""#) == #"a"b\c"#)
    }
}
