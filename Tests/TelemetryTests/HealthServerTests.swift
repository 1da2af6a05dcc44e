import Hummingbird
import HummingbirdTesting
import Testing

@testable import Telemetry

@Suite struct HealthServerTests {
    private func application(
        registry: PrometheusRegistry = PrometheusRegistry(), checks: [ReadinessCheck] = []
    ) -> some ApplicationProtocol {
        Application(router: HealthServer.router(registry: registry, readiness: { checks }))
    }

    @Test func `a living process is healthy, ready or not`() async throws {
        try await application(checks: [ReadinessCheck(name: "database", ok: false)]).test(.router) { client in
            try await client.execute(uri: "/healthz", method: .get) { #expect($0.status == .ok) }
        }
    }

    @Test func `ready when every check is`() async throws {
        try await application(checks: [ReadinessCheck(name: "database", ok: true, detail: "2 ms")]).test(.router) {
            try await $0.execute(uri: "/readyz", method: .get) { response in
                #expect(response.status == .ok)
                #expect(
                    String(buffer: response.body)
                        == #"{"ready":true,"checks":[{"name":"database","ok":true,"detail":"2 ms"}]}"# + "\n")
            }
        }
    }

    @Test func `not ready while one check fails`() async throws {
        let checks = [
            ReadinessCheck(name: "database", ok: true),
            ReadinessCheck(name: "broker", ok: false, detail: "says \"no\""),
        ]
        try await application(checks: checks).test(.router) { client in
            try await client.execute(uri: "/readyz", method: .get) { response in
                #expect(response.status == .serviceUnavailable)
                #expect(String(buffer: response.body).contains(#""ok":false,"detail":"says \"no\"""#))
            }
        }
    }

    @Test func `metrics are served as text of version 0·0·4`() async throws {
        let registry = PrometheusRegistry()
        registry.setGauge("answer", to: 42)
        try await application(registry: registry).test(.router) { client in
            try await client.execute(uri: "/metrics", method: .get) { response in
                #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
                #expect(String(buffer: response.body).contains("answer 42\n"))
            }
        }
    }
}
