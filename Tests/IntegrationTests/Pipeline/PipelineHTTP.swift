import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Plain requests to the programs' own addresses, as a load balancer or Prometheus sends them.
enum PipelineHTTP {
    private static let bodyMax = 4 << 20

    static func get(_ path: String, port: Int, key: String? = nil) async throws -> (status: Int, body: String) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        let body = try await response.body.collect(upTo: bodyMax)
        return (Int(response.status.code), String(buffer: body))
    }

    /// The sum of a metric's series whose labels contain `label`; 0 when there is none yet.
    static func metric(_ name: String, _ label: String = "", port: Int) async throws -> Double {
        try await get("/metrics", port: port).body.split(separator: "\n")
            .filter { $0.hasPrefix(name) && !$0.hasPrefix("#") && (label.isEmpty || $0.contains(label)) }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
            .reduce(0, +)
    }

    /// What `/readyz` says: the status, and the names of what is not ready.
    static func readiness(port: Int) async throws -> (status: Int, missing: [String]) {
        struct Answer: Decodable {
            struct Check: Decodable {
                let name: String
                let ok: Bool
            }

            let checks: [Check]
        }
        let (status, body) = try await get("/readyz", port: port)
        let answer = try JSONDecoder().decode(Answer.self, from: Data(body.utf8))
        return (status, answer.checks.filter { !$0.ok }.map(\.name).sorted())
    }
}
