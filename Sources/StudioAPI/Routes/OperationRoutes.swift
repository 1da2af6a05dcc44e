import HTTPTypes
import Hummingbird
import NIOCore
import Telemetry

/// What load balancers and Prometheus ask; needs no key, so nginx must not publish `/metrics`.
struct OperationRoutes: Sendable {
    static let paths: Set<String> = ["/healthz", "/readyz", "/metrics"]

    let readiness: ReadinessBoard
    let metricsText: @Sendable () -> String

    func add(to table: inout RouteTable) {
        let (readiness, metricsText) = (readiness, metricsText)
        table.get("/healthz") { _, _ in try .json(["ok": true]) }
        table.get("/readyz") { _, _ in
            let checks = await readiness.checks()
            return Response(
                status: checks.allSatisfy(\.ok) ? .ok : .serviceUnavailable,
                headers: [.contentType: "application/json", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: ReadinessCheck.json(checks))))
        }
        table.get("/metrics") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: metricsText())))
        }
    }
}
