#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Two sockets, and the bytes on their way between them; owned by the proxy's thread.
struct ProxyConnection {
    /// One direction.
    private struct Pipe {
        var bytes: [UInt8] = []
        /// The source has said all it will say.
        var hasEnded = false
        /// The target has been told so.
        var isFinished = false
    }

    /// How a connection ends.
    enum End { case none, closed, reset }

    private static let chunk = 64 * 1024
    private static let refusal: [UInt8] = {
        let body = "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>not now</Message></Error>"
        let head = [
            "HTTP/1.1 503 Service Unavailable", "Content-Type: application/xml", "Content-Length: \(body.utf8.count)",
            "Connection: close", "", body,
        ]
        return Array(head.joined(separator: "\r\n").utf8)
    }()
    private static let preconditionFailed = Array("HTTP/1.1 412".utf8)

    let link: Link
    let client: Int32
    /// Negative when the service's side is gone and the client is not to know.
    private(set) var server: Int32
    private var up = Pipe()
    private var down = Pipe()
    /// The client has been refused; what it still says is thrown away.
    private var isRefused = false
    /// Bytes of the service since answers are cut short.
    private var answered = 0

    init(link: Link, client: Int32, server: Int32) {
        self.link = link
        self.client = client
        self.server = server
    }

    /// Lets the service's side go; the client hears nothing any more.
    mutating func halve() {
        guard server >= 0 else { return }
        ProxySocket.close(server)
        server = -1
        up = Pipe()
        down = Pipe()
    }

    /// The sockets to wait for, and what for.
    func interests(_ fault: LinkFault) -> [(descriptor: Int32, events: Int16)] {
        let input = Int16(POLLIN)
        let output = Int16(POLLOUT)
        if server < 0 { return [(client, input)] }
        var atClient: Int16 = 0
        var atServer: Int16 = 0
        if isRefused || (!fault.blocksUp && up.bytes.isEmpty && !up.hasEnded) { atClient |= input }
        if !fault.blocksUp && !up.bytes.isEmpty { atServer |= output }
        if !fault.blocksDown && down.bytes.isEmpty && !down.hasEnded { atServer |= input }
        if !fault.blocksDown && !down.bytes.isEmpty { atClient |= output }
        return [(client, atClient), (server, atServer)].filter { $0.1 != 0 }
    }

    /// Moves what can be moved.
    mutating func move(_ fault: LinkFault, _ counts: inout LinkCounts) -> End {
        if server < 0 || isRefused {
            if isRefused, !down.bytes.isEmpty, case .broken = ProxySocket.send(client, &down.bytes) { return .closed }
            return drain()
        }
        if fault == .reset { return .reset }
        if !fault.blocksUp {
            let before = up.bytes.count
            if Self.fill(&up, from: client) == .closed { return .reset }
            if fault == .unavailable, up.bytes.count > before { return refuse(&counts) }
            if Self.pour(&up, into: server) == .closed { return .reset }
        }
        if !fault.blocksDown {
            let before = down.bytes.count
            if Self.fill(&down, from: server) == .closed { return .reset }
            let fresh = down.bytes.count - before
            if fresh > 0, down.bytes[before...].starts(with: Self.preconditionFailed) { counts.preconditionFailed += 1 }
            if fault == .answerLost, fresh > 0 {
                counts.answersLost += 1
                return .reset
            }
            if case .truncated(let limit) = fault {
                answered += fresh
                if answered > limit {
                    down.bytes.removeLast(min(answered - limit, down.bytes.count))
                    _ = Self.pour(&down, into: client)
                    counts.truncated += 1
                    return .closed
                }
            } else {
                answered = 0
            }
            if Self.pour(&down, into: client) == .closed { return .reset }
        }
        return up.isFinished && down.isFinished ? .closed : .none
    }

    func close(_ end: End) {
        for descriptor in [client, server] where descriptor >= 0 {
            if end == .reset { ProxySocket.reset(descriptor) } else { ProxySocket.close(descriptor) }
        }
    }

    private mutating func refuse(_ counts: inout LinkCounts) -> End {
        counts.refused += 1
        isRefused = true
        ProxySocket.close(server)
        server = -1
        down.bytes = Self.refusal
        if case .broken = ProxySocket.send(client, &down.bytes) { return .closed }
        ProxySocket.finish(client)
        return .none
    }

    /// Throws away what the client says, until it ends the connection.
    private func drain() -> End {
        var waste: [UInt8] = []
        while true {
            switch ProxySocket.receive(client, into: &waste, limit: Self.chunk) {
            case .bytes: waste = []
            case .wait: return .none
            case .end, .broken: return .closed
            }
        }
    }

    private static func fill(_ pipe: inout Pipe, from source: Int32) -> End {
        guard pipe.bytes.isEmpty, !pipe.hasEnded else { return .none }
        switch ProxySocket.receive(source, into: &pipe.bytes, limit: chunk) {
        case .bytes, .wait: return .none
        case .end:
            pipe.hasEnded = true
            return .none
        case .broken: return .closed
        }
    }

    private static func pour(_ pipe: inout Pipe, into target: Int32) -> End {
        if !pipe.bytes.isEmpty, case .broken = ProxySocket.send(target, &pipe.bytes) { return .closed }
        if pipe.hasEnded, pipe.bytes.isEmpty, !pipe.isFinished {
            ProxySocket.finish(target)
            pipe.isFinished = true
        }
        return .none
    }
}
