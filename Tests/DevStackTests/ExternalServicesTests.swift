import Testing

@testable import DevStack

@Suite struct ExternalServicesTests {
    @Test func `a service named by the environment is used and not started`() async throws {
        try await Scratch.withStack(of: [.s3]) { other in
            let url = try #require(try await other.up().s3?.endpoint)
            let external = try ExternalServices(environment: [
                "S3_ENDPOINT": url, "S3_BUCKET": "films", "S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "b",
            ])
            try await Scratch.withStack(of: [.s3], external: external) { stack in
                let endpoints = try await stack.up()
                #expect(endpoints.environment()["S3_BUCKET"] == "films")
                let states = try await stack.status().map(\.state)
                #expect(states == [.external])
                #expect(await stack.state?.processes.isEmpty == true)
            }
            try await other.down()
            try await Scratch.withStack(of: [.s3], external: external) { stack in
                let states = try await stack.status().map(\.state)
                #expect(states == [.unreachable])
                let error = await #expect(throws: StackError.self) { try await stack.up() }
                #expect(error?.code == .unreachable)
                #expect(error?.detail.contains("S3_ENDPOINT") == true)
            }
        }
    }

    @Test func `an object store without keys is refused by the names of what is missing`() throws {
        let error = #expect(throws: StackError.self) {
            try ExternalServices(environment: ["S3_ENDPOINT": "http://127.0.0.1:1", "S3_BUCKET": "films"])
        }
        #expect(error?.detail.contains("S3_ACCESS_KEY, S3_SECRET_KEY") == true)
    }

    @Test func `empty variables count as unset`() throws {
        let services = try ExternalServices(environment: ["DATABASE_URL": "", "S3_ENDPOINT": ""])
        #expect(services == ExternalServices())
    }

    @Test func `the stack's own addresses in the environment do not make it external`() throws {
        let own = Endpoints(databaseURL: "postgresql://a@127.0.0.1:1/a", amqpURL: "amqp://127.0.0.1:2")
        let external = ExternalServices(databaseURL: own.databaseURL, amqpURL: "amqp://elsewhere")
        #expect(external.excluding(own) == ExternalServices(amqpURL: "amqp://elsewhere"))
    }

    @Test func `shell exports survive quotes`() {
        let lines = ShellExports.lines(Endpoints(databaseURL: "it's").environment())
        #expect(lines == ["export DATABASE_URL='it'\\''s'"])
    }
}
