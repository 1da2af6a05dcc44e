import Hummingbird
import HummingbirdTesting
import Logging
import Testing

@testable import Telemetry

@Suite struct HealthServerTests {
    private func application(
        registry: PrometheusRegistry = PrometheusRegistry(), probes: [ReadinessProbe] = []
    ) -> some ApplicationProtocol {
        let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return Application(
            router: HealthServer.router(registry: registry, readiness: ReadinessBoard(probes, logger: silence)))
    }

    @Test func `a living process is healthy, ready or not`() async throws {
        try await application(probes: [.broker { false }]).test(.router) { client in
            try await client.execute(uri: "/healthz", method: .get) { #expect($0.status == .ok) }
        }
    }

    @Test func `ready when every probe succeeds`() async throws {
        try await application(probes: [.database {}]).test(.router) {
            try await $0.execute(uri: "/readyz", method: .get) { response in
                #expect(response.status == .ok)
                #expect(
                    String(buffer: response.body)
                        == #"{"ready":true,"checks":[{"name":"database","ok":true,"detail":""}]}"# + "\n")
            }
        }
    }

    @Test func `not ready while one probe fails`() async throws {
        let broken = ReadinessProbe("broker", cure: "says \"no\"") { false }
        try await application(probes: [.database {}, broken]).test(.router) { client in
            try await client.execute(uri: "/readyz", method: .get) { response in
                #expect(response.status == .serviceUnavailable)
                #expect(
                    String(buffer: response.body).contains(#"{"name":"broker","ok":false,"detail":"says \"no\""}"#))
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
