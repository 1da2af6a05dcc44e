import Foundation
import HTTPTypes
import HummingbirdTesting
import StudioCore
import Synchronization
import Testing

@testable import StudioAPI

@Suite struct WorkerChangeTests {
    private func worker(_ client: Bench.Client) async throws -> WorkerID {
        try #require(try await client.get("/v1/workers").decode(RecordList<WorkerRecord>.self).data.first).id
    }

    @Test(arguments: zip(DesiredWorkerState.allCases, [WorkerRecord.State.active, .paused, .draining]))
    func `a worker becomes what is wanted, and is answered so`(
        desired: DesiredWorkerState, state: WorkerRecord.State
    ) async throws {
        try await Bench().run { client in
            let id = try await worker(client)
            let body = #"{"desired_state":"\#(desired.rawValue)"}"#
            let response = try await client.send(.patch, "/v1/workers/\(id)", body)
            #expect(response.status == .ok)
            #expect(try response.decode(WorkerRecord.self).state == state)
            let all = try await client.get("/v1/workers").decode(RecordList<WorkerRecord>.self).data
            #expect(all.map(\.state) == [state])
        }
    }

    @Test(arguments: [
        ("[]", "", "wrong_type"), ("\"paused\"", "", "wrong_type"), ("null", "", "wrong_type"),
        ("{}", "/desired_state", "required"), (#"{"desired_state":null}"#, "/desired_state", "wrong_type"),
        (#"{"desired_state":"gone"}"#, "/desired_state", "unknown_value"),
        (#"{"desired_state":["paused"]}"#, "/desired_state", "wrong_type"),
        (#"{"desired_state":"paused","slots":2}"#, "/slots", "unknown_field"),
        (#"{"a/b~c":1,"desired_state":"paused"}"#, "/a~1b~0c", "unknown_field"),
    ])
    func `a body that cannot be used is 422 and names the place`(
        body: String, pointer: String, code: String
    ) async throws {
        let bench = Bench()
        try await bench.run { client in
            let id = try await worker(client)
            let problem = try await client.send(.patch, "/v1/workers/\(id)", body)
                .problem(.unprocessableContent, "invalid_worker_change")
            let fault = try #require(problem.errors?.first)
            #expect(fault.pointer == pointer)
            #expect(fault.code == code)
            #expect(!fault.detail.isEmpty)
            #expect(bench.repository.state.withLock { $0.workers.map(\.state) } == [.active])
        }
    }

    @Test func `everything that is wrong with a body is told at once`() async throws {
        try await Bench().run { client in
            let id = try await worker(client)
            let body = #"{"slots":2,"desired_state":"gone","name":"x"}"#
            let problem = try await client.send(.patch, "/v1/workers/\(id)", body)
                .problem(.unprocessableContent, "invalid_worker_change")
            #expect(problem.errors?.map(\.pointer) == ["/slots", "/name", "/desired_state"])
            #expect(problem.errors?.map(\.code) == ["unknown_field", "unknown_field", "unknown_value"])
        }
    }

    @Test(arguments: ["", "{", #"{"desired_state":"paused","desired_state":"active"}"#])
    func `a body that is no JSON is 400`(body: String) async throws {
        try await Bench().run { client in
            let id = try await worker(client)
            _ = try await client.send(.patch, "/v1/workers/\(id)", body).problem(.badRequest, "malformed_json")
        }
    }

    @Test func `another type than JSON is 415`() async throws {
        try await Bench().run { client in
            let id = try await worker(client)
            _ = try await client.send(
                .patch, "/v1/workers/\(id)", #"{"desired_state":"paused"}"#, type: "application/merge-patch+json"
            ).problem(.unsupportedMediaType, "unsupported_media_type")
        }
    }

    @Test(arguments: ["\(WorkerID())", "garbage", "\(RunID())"])
    func `an unknown id is 404, also one that is none`(id: String) async throws {
        try await Bench().run { client in
            _ = try await client.send(.patch, "/v1/workers/\(id)", #"{"desired_state":"paused"}"#)
                .problem(.notFound, "not_found")
        }
    }

    @Test func `an unknown query parameter is 400`() async throws {
        try await Bench().run { client in
            let id = try await worker(client)
            let problem = try await client.send(.patch, "/v1/workers/\(id)?force=1", #"{"desired_state":"paused"}"#)
                .problem(.badRequest, "invalid_query")
            #expect(problem.errors?.map(\.pointer) == ["?force"])
        }
    }

    @Test func `reading a single worker is 405`() async throws {
        try await Bench().run { client in
            let response = try await client.get("/v1/workers/\(try await worker(client))")
            _ = try response.problem(.methodNotAllowed, "method_not_allowed")
            #expect(response.headers[.allow] == "PATCH")
        }
    }
}
