import HTTPTypes
import HummingbirdTesting
import ProgramSettings
import StudioCore
import Testing

@testable import StudioAPI

@Suite struct AuthenticationTests {
    @Test(arguments: [nil, "", "wrong-key-0123456789", "test-key-012345678", "test-key-0123456789x"])
    func `without the right key nothing is shown, and the cure is told`(key: String?) async throws {
        try await Bench().run { client in
            for path in ["/v1/runs", "/v1/nothing", "/v1/runs/\(RunID())"] {
                let response = try await client.send(.get, path, key: key)
                let problem = try response.problem(.unauthorized, "unauthorized")
                #expect(problem.detail.contains("Authorization: Bearer"))
                #expect(response.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
            }
        }
    }

    @Test func `the scheme is read in any case, another scheme is refused`() async throws {
        try await Bench().run { client in
            let lower = try await client.send(
                .get, "/v1/runs", key: nil, headers: [("Authorization", "bearer \(Bench.key)")])
            #expect(lower.status == .ok)
            let basic = try await client.send(
                .get, "/v1/runs", key: nil, headers: [("Authorization", "Basic \(Bench.key)")])
            #expect(basic.status == .unauthorized)
        }
    }

    @Test(arguments: ["/healthz", "/readyz", "/metrics"])
    func `probes and scrapers need no key`(path: String) async throws {
        try await Bench().run { client in
            let get = try await client.send(.get, path, key: nil)
            let head = try await client.send(.head, path, key: nil)
            #expect(get.status == .ok)
            #expect(head.status == .ok)
        }
    }

    @Test(arguments: ["short", "has a space in it 123", "ümlaut-key-0123456789"])
    func `a key that is short or not printable is refused at the start`(key: String) throws {
        let fault = try #require(throws: SettingError.self) {
            try APIConfiguration(host: "127.0.0.1", port: 0, apiKey: key)
        }
        #expect(fault.description.contains("API_KEY"))
        #expect(!fault.description.contains(key))
    }
}
