import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// What a program tells of itself, asked as a load balancer or Prometheus would.
enum ProgramPage {
    private static let bytesMax = 4 << 20
    private static let limit = TimeAmount.seconds(2)

    static func read(_ path: String, port: Int) async throws -> (status: Int, body: String) {
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        let response = try await HTTPClient.shared.execute(request, timeout: limit)
        return (Int(response.status.code), String(buffer: try await response.body.collect(upTo: bytesMax)))
    }

    static func isReady(port: Int) async -> Bool {
        (try? await read("/readyz", port: port))?.status == 200
    }
}
