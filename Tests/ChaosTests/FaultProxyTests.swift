import Testing

@testable import Chaos

/// Through real sockets of this machine.
@Suite(.timeLimit(.minutes(1))) struct FaultProxyTests {
    private static let link = Link.workerStore
    private static let answer = Array("HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n".utf8)

    /// A client's connection through a proxy, the service's end of it, and the proxy.
    private struct Bench {
        let proxy: FaultProxy
        let service: Int32
        let servicePort: Int

        init() throws {
            proxy = try FaultProxy(links: [FaultProxyTests.link])
            (service, servicePort) = try ProxySocket.listen()
            proxy.connect(FaultProxyTests.link, to: [servicePort])
        }

        func set(_ fault: LinkFault) async throws {
            proxy.set(fault, on: FaultProxyTests.link)
            // The proxy looks at its orders between two waits.
            try await Task.sleep(for: .milliseconds(100))
        }

        func connect() async throws -> (client: Int32, server: Int32) {
            let client = ProxySocket.connect(to: proxy.port(of: FaultProxyTests.link))
            var server: Int32 = -1
            try await FaultProxyTests.eventually("the service has the connection") {
                server = ProxySocket.accept(from: service)
                return server >= 0
            }
            return (client, server)
        }

        func close() {
            proxy.close()
            ProxySocket.close(service)
        }
    }

    /// What arrives on a socket.
    private final class Inbox {
        let socket: Int32
        var bytes: [UInt8] = []
        var isEnded = false

        init(_ socket: Int32) {
            self.socket = socket
        }

        func read() {
            switch ProxySocket.receive(socket, into: &bytes, limit: 1 << 16) {
            case .end, .broken: isEnded = true
            case .bytes, .wait: break
            }
        }

        func has(_ expected: [UInt8]) async throws {
            try await FaultProxyTests.eventually("\(expected.count) bytes arrive") {
                read()
                return bytes == expected
            }
        }

        func ends() async throws {
            try await FaultProxyTests.eventually("the connection ends") {
                read()
                return isEnded
            }
        }

        /// Whether nothing comes for longer than the proxy needs for anything.
        func isQuiet() async throws -> Bool {
            let before = bytes.count
            for _ in 0..<20 {
                try await Task.sleep(for: .milliseconds(15))
                read()
            }
            return bytes.count == before && !isEnded
        }
    }

    private static func eventually(_ what: String, _ condition: () throws -> Bool) async throws {
        for _ in 0..<2_000 {
            if try condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("it did not come to this: \(what)")
        throw ChaosError(what)
    }

    private func with(_ body: (Bench) async throws -> Void) async throws {
        let bench = try Bench()
        defer { bench.close() }
        try await body(bench)
    }

    private func send(_ text: String, on socket: Int32) {
        var bytes = Array(text.utf8)
        _ = ProxySocket.send(socket, &bytes)
    }

    @Test func `a good link carries bytes both ways, many of them, and ends`() async throws {
        try await with { bench in
            let (client, server) = try await bench.connect()
            send("ask", on: client)
            try await Inbox(server).has(Array("ask".utf8))
            let inbox = Inbox(client)
            let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            var rest = large
            try await Self.eventually("all of it is sent") {
                if !rest.isEmpty { _ = ProxySocket.send(server, &rest) }
                inbox.read()
                return rest.isEmpty
            }
            try await inbox.has(large)
            ProxySocket.close(server)
            try await inbox.ends()
            ProxySocket.close(client)
        }
    }

    @Test func `a partition holds bytes back, and a healed one delivers them`() async throws {
        try await with { bench in
            let (client, server) = try await bench.connect()
            let (atClient, atServer) = (Inbox(client), Inbox(server))
            try await bench.set(.silent)
            send("up", on: client)
            send("down", on: server)
            #expect(try await atClient.isQuiet())
            #expect(try await atServer.isQuiet())
            try await bench.set(.none)
            try await atServer.has(Array("up".utf8))
            try await atClient.has(Array("down".utf8))
        }
    }

    @Test func `a one-way partition lets the other way through`() async throws {
        try await with { bench in
            let (client, server) = try await bench.connect()
            let (atClient, atServer) = (Inbox(client), Inbox(server))
            try await bench.set(.silentUp)
            send("up", on: client)
            send("down", on: server)
            try await atClient.has(Array("down".utf8))
            #expect(try await atServer.isQuiet())
            try await bench.set(.silentDown)
            try await atServer.has(Array("up".utf8))
            send("more", on: server)
            #expect(try await atClient.isQuiet())
        }
    }

    @Test func `a reset link cuts what is open and takes nothing new`() async throws {
        try await with { bench in
            let (client, _) = try await bench.connect()
            try await bench.set(.reset)
            try await Inbox(client).ends()
            try await Inbox(ProxySocket.connect(to: bench.proxy.port(of: Self.link))).ends()
            try await bench.set(.none)
            let (again, server) = try await bench.connect()
            send("ask", on: again)
            try await Inbox(server).has(Array("ask".utf8))
        }
    }

    @Test func `a half-open connection is gone for the service, and the client is not told`() async throws {
        try await with { bench in
            let (client, server) = try await bench.connect()
            try await bench.set(.halfOpen)
            try await Inbox(server).ends()
            send("ask", on: client)
            #expect(try await Inbox(client).isQuiet())
            let (other, service) = try await bench.connect()
            send("ask", on: other)
            try await Inbox(service).has(Array("ask".utf8))
        }
    }

    @Test func `an unavailable service is not asked`() async throws {
        try await with { bench in
            let (client, server) = try await bench.connect()
            try await bench.set(.unavailable)
            send("GET / HTTP/1.1\r\n\r\n", on: client)
            let inbox = Inbox(client)
            try await inbox.ends()
            let text = String(decoding: inbox.bytes, as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 503 "))
            let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
            #expect(parts.count == 2)
            #expect(parts.first?.contains("Content-Length: \(parts.last?.utf8.count ?? 0)") == true)
            let atServer = Inbox(server)
            try await atServer.ends()
            #expect(atServer.bytes.isEmpty)
            try await Self.eventually("it is counted") { bench.proxy.counts[Self.link]?.refused == 1 }
        }
    }

    @Test func `an answer that is lost was asked for`() async throws {
        try await with { bench in
            let (client, server) = try await bench.connect()
            try await bench.set(.answerLost)
            send("PUT", on: client)
            try await Inbox(server).has(Array("PUT".utf8))
            send("done", on: server)
            let inbox = Inbox(client)
            try await inbox.ends()
            #expect(inbox.bytes.isEmpty)
            try await Self.eventually("it is counted") { bench.proxy.counts[Self.link]?.answersLost == 1 }
        }
    }

    @Test func `a truncated answer ends after so many bytes`() async throws {
        try await with { bench in
            let (client, server) = try await bench.connect()
            try await bench.set(.truncated(10))
            send("GET", on: client)
            try await Inbox(server).has(Array("GET".utf8))
            send("0123456", on: server)
            let inbox = Inbox(client)
            try await inbox.has(Array("0123456".utf8))
            send("789abcdef", on: server)
            try await inbox.ends()
            #expect(inbox.bytes == Array("0123456789".utf8))
        }
    }

    @Test func `answers that say 412 are counted, and services take turns`() async throws {
        try await with { bench in
            let (other, otherPort) = try ProxySocket.listen()
            defer { ProxySocket.close(other) }
            bench.proxy.connect(Self.link, to: [bench.servicePort, otherPort])
            var clients: [Int32] = []
            for _ in 0..<2 { clients.append(ProxySocket.connect(to: bench.proxy.port(of: Self.link))) }
            var servers: [Int32] = []
            for listener in [bench.service, other] {
                try await Self.eventually("each service has a connection") {
                    let server = ProxySocket.accept(from: listener)
                    if server >= 0 { servers.append(server) }
                    return server >= 0
                }
            }
            var answer = Self.answer
            _ = ProxySocket.send(servers[0], &answer)
            try await Self.eventually("it is counted") { bench.proxy.counts[Self.link]?.preconditionFailed == 1 }
            // One that is gone is passed over; its port is kept, or somebody else could answer there.
            let (gone, gonePort) = try ProxySocket.listen(isAnswering: false)
            defer { ProxySocket.close(gone) }
            bench.proxy.connect(Self.link, to: [bench.servicePort, gonePort])
            for _ in 0..<2 { _ = try await bench.connect() }
        }
    }
}
