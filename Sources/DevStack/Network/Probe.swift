import Foundation

/// Asks a service whether it is there, in the service's own protocol.
enum Probe {
    /// What an HTTP server answered.
    struct HTTPAnswer: Sendable, Equatable {
        var status: Int
        var server: String?
    }

    private static let answerLimit = 16 * 1024

    /// Sends a GET to a port on the loopback address; nil when nobody answers in HTTP.
    static func http(port: Int, path: String) async -> HTTPAnswer? {
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n"
        let answer = await Sockets.offload {
            Sockets.exchange(port: port, sending: Array(request.utf8), limit: answerLimit) { bytes in
                bytes.contains(Array("\r\n\r\n".utf8))
            }
        }
        guard let answer else { return nil }
        let lines = String(decoding: answer, as: UTF8.self).split(separator: "\r\n")
        let first = lines.first?.split(separator: " ") ?? []
        guard first.count >= 2, first[0].hasPrefix("HTTP/"), let status = Int(first[1]) else { return nil }
        let server = lines.first { $0.lowercased().hasPrefix("server:") }
        return HTTPAnswer(
            status: status, server: server?.dropFirst(7).trimmingCharacters(in: .whitespaces))
    }

    /// Opens an AMQP 0-9-1 connection as far as the broker's greeting, and gives the version it names.
    ///
    /// The broker opens its listener after everything else, queues included: a greeting means that it serves.
    static func amqp(port: Int) async -> String? {
        let answer = await Sockets.offload {
            Sockets.exchange(port: port, sending: Array("AMQP".utf8) + [0, 0, 9, 1], limit: answerLimit) { bytes in
                bytes.last == frameEnd && bytes.count > 8
            }
        }
        // A frame of type 1 (method) on channel 0, method 10.10 (connection.start).
        guard let answer, answer.count > 11, answer[0] == 1, Array(answer[7..<11]) == [0, 10, 0, 10] else { return nil }
        return longString(named: "version", in: answer) ?? "unknown"
    }

    private static let frameEnd: UInt8 = 0xCE

    /// Finds a string value in an AMQP table: a short name, `S`, four bytes of length, the text.
    private static func longString(named name: String, in bytes: [UInt8]) -> String? {
        let key = [UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(ascii: "S")]
        guard let range = bytes.firstRange(of: key), range.upperBound + 4 <= bytes.count else { return nil }
        let length = bytes[range.upperBound..<range.upperBound + 4].reduce(0) { $0 << 8 | Int($1) }
        let text = bytes.dropFirst(range.upperBound + 4).prefix(length)
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether something listens at the host and port of a URL.
    static func reaches(_ url: String) async -> Bool {
        guard let parts = URLComponents(string: url), let host = parts.host else { return false }
        let port =
            parts.port
            ?? ["https": 443, "http": 80, "amqp": 5672, "amqps": 5671, "postgres": 5432, "postgresql": 5432][
                parts.scheme ?? ""]
        guard let port else { return false }
        return await Sockets.offload { Sockets.canConnect(host: host, port: port) }
    }
}
