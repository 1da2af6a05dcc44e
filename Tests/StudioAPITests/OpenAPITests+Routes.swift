import Foundation
import HTTPTypes
import HummingbirdTesting
import StudioCore
import Synchronization
import Testing

@testable import StudioAPI

/// What the document lists at each route, held to the routes themselves.
extension OpenAPITests {
    /// Asks about each route, with the address of something that is there.
    private func forEachRoute(
        _ method: HTTPRequest.Method,
        _ body:
            @escaping @Sendable (_ client: Bench.Client, _ route: RouteTable.Route, _ uri: String) async throws -> Void
    ) async throws {
        let bench = Bench()
        try await bench.run { client in
            let run = try await client.submit().id
            let task = try #require(bench.repository.state.withLock { $0.tasks.keys.min() })
            let worker = try #require(bench.repository.state.withLock { $0.workers.first }).id
            let artifact = ArtifactRecord(
                id: ArtifactID(), run: run, task: task, taskKey: "k", shot: "a", name: "video.mp4",
                contentType: "video/mp4", bytes: 3, sha256: "00", media: MediaFacts(frames: 48), createdAt: Date(),
                objectKey: "k")
            bench.repository.change { $0.artifacts[artifact.id] = artifact }
            let ids = ["runs": "\(run)", "tasks": "\(task)", "workers": "\(worker)", "artifacts": "\(artifact.id)"]
            for route in try routes() where route.method == method && route.path.hasPrefix("/v1/") {
                let noun = String(route.path.split(separator: "/")[1])
                try await body(client, route, route.path.replacing("{id}", with: ids[noun] ?? ""))
            }
        }
    }

    private func answers(_ route: RouteTable.Route) throws -> Set<String> {
        let operation = try #require(try paths()[route.path]?[route.method.rawValue.lowercased()])
        return Set(try #require(operation["responses"] as? [String: Any]).keys)
    }

    @Test func `every GET lists the answers that it gives: also to a strange query, and to who has it already`()
        async throws
    {
        try await forEachRoute(.get) { client, route, uri in
            let listed = try answers(route)
            let answer = try await client.get(uri)
            #expect(answer.status.code < 400, "\(route.path)")
            #expect(listed.contains("\(answer.status.code)"), "\(route.path)")
            _ = try await client.get(uri + "?no_such=1").problem(.badRequest, "invalid_query")
            #expect(listed.contains("400"), "\(route.path)")
            _ = try await client.send(.get, uri, key: nil).problem(.unauthorized, "unauthorized")
            #expect(listed.contains("401"), "\(route.path)")
            #expect(listed.contains("404") == route.path.contains("{id}"), "\(route.path)")
            let tag = answer.headers[.eTag]
            if let tag {
                let again = try await client.get(uri, headers: [("If-None-Match", tag)])
                #expect(again.status == .notModified, "\(route.path)")
            }
            #expect(listed.contains("304") == (tag != nil), "\(route.path)")
        }
    }

    @Test func `every POST that the document gives no body refuses one, as the document says`() async throws {
        let refusing = Mutex<Set<String>>([])
        try await forEachRoute(.post) { client, route, uri in
            guard try paths()[route.path]?["post"]?["requestBody"] == nil else { return }
            let response = try await client.send(.post, uri, #"{"scope":"all"}"#)
            let problem = try response.problem(.badRequest, "unexpected_body")
            try check(response, "post", route.path)
            #expect(problem.detail.contains("query parameter scope") == (route.path == "/v1/runs/{id}/retry"))
            refusing.withLock { _ = $0.insert(route.path) }
        }
        #expect(refusing.withLock { $0.count } == 2 * TaskAction.allCases.count)
    }
}
