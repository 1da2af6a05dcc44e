import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import StudioCore
import Telemetry
import Testing

@testable import StudioAPI

/// An API over a fake repository, and a client that has the key.
struct Bench {
    static let key = "test-key-0123456789"
    static let load = #"{"noop":{"tasks":3},"labels":["nightly"],"metadata":{"ticket":"A-1"}}"#

    static let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let repository = FakeRepository()
    var probes: [ReadinessProbe] = []

    func run(_ test: @Sendable (Client) async throws -> Void) async throws {
        var configuration = try APIConfiguration(host: "127.0.0.1", port: 0, apiKey: Self.key)
        configuration.timing.poll = .milliseconds(5)
        configuration.timing.progress = .milliseconds(5)
        configuration.timing.heartbeat = .milliseconds(40)
        configuration.timing.recheck = .milliseconds(20)
        let services = APIServices(
            repository: repository,
            link: { key, expires, disposition in
                "https://store.test/\(key)?expires=\(expires.components.seconds)&as=\(disposition)"
            },
            probes: probes, logger: Self.silence, metricsText: { "answer 42\n" })
        let application = Application(router: makeRouter(configuration, services))
        try await application.test(.router) { try await test(Client(client: $0)) }
    }

    struct Client: Sendable {
        let client: any TestClientProtocol

        func send(
            _ method: HTTPRequest.Method, _ uri: String, _ body: String? = nil, key: String? = Bench.key,
            type: String? = "application/json", headers: [(String, String)] = []
        ) async throws -> TestResponse {
            var fields = HTTPFields()
            if let key { fields[.authorization] = "Bearer \(key)" }
            if body != nil, let type { fields[.contentType] = type }
            for (name, value) in headers {
                fields.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value))
            }
            return try await client.execute(
                uri: uri, method: method, headers: fields, body: body.map { ByteBuffer(string: $0) })
        }

        func get(_ uri: String, headers: [(String, String)] = []) async throws -> TestResponse {
            try await send(.get, uri, headers: headers)
        }

        /// Submits a run of three no-op tasks.
        func submit(_ body: String = Bench.load) async throws -> RunRecord {
            let response = try await send(.post, "/v1/runs", body)
            #expect(response.status == .created)
            return try response.decode()
        }
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try RecordJSON.decode(type, from: Data(text.utf8))
    }

    /// The problem that this answer must be.
    func problem(_ status: HTTPResponse.Status, _ code: String) throws -> ProblemRecord {
        #expect(self.status == status)
        #expect(headers[.contentType] == "application/problem+json")
        let problem = try decode(ProblemRecord.self)
        #expect(problem.code == code)
        #expect(problem.status == status.code)
        #expect(!problem.detail.isEmpty)
        #expect(problem.requestID == headers[.requestID])
        #expect(problem.type == "urn:ainern2d:problem:\(code)")
        return problem
    }
}
