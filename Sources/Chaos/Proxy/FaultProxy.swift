import BlockingIO
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A TCP proxy on the loopback interface for many links at a time, each of which can be made bad; it has a thread.
package final class FaultProxy: Sendable {
    private struct State {
        var faults: [Link: LinkFault] = [:]
        var upstreams: [Link: [Int]] = [:]
        var counts: [Link: LinkCounts] = [:]
        /// Links whose connections are to be halved once.
        var halving: Set<Link> = []
        var isClosed = false
    }

    /// How soon the thread notices a new fault.
    fileprivate static let tick: Int32 = 20

    private let listeners: [Link: (descriptor: Int32, port: Int)]
    private let state: Mutex<State>

    /// Listens for these links; connections are refused until a link knows where it leads.
    package init(links: [Link] = Link.allCases) throws {
        var listeners: [Link: (descriptor: Int32, port: Int)] = [:]
        for link in links { listeners[link] = try ProxySocket.listen() }
        self.listeners = listeners
        state = Mutex(State())
        let descriptors = listeners.mapValues(\.descriptor)
        DetachedThread.start(name: "chaos-proxy") { [self] in
            var engine = ProxyEngine(listeners: descriptors)
            while let faults = openFaults {
                let ready = engine.wait(faults)
                // Anew: what was ordered during the wait counts for what came in it.
                guard let orders = takeOrders() else { break }
                note(engine.turn(ready, orders))
            }
            engine.close()
        }
    }

    /// The port of 127.0.0.1 to connect to instead of the service's.
    package func port(of link: Link) -> Int { listeners[link]?.port ?? 0 }

    /// Where a link leads; to several ports in turn.
    package func connect(_ link: Link, to ports: [Int]) { state.withLock { $0.upstreams[link] = ports } }

    /// Makes a link bad, or good again.
    package func set(_ fault: LinkFault, on link: Link) {
        state.withLock { state in
            if fault == .halfOpen {
                state.halving.insert(link)
            } else {
                state.faults[link] = fault
            }
        }
    }

    package func fault(on link: Link) -> LinkFault { state.withLock { $0.faults[link] ?? .none } }

    /// What all links have seen since the start.
    package var counts: [Link: LinkCounts] { state.withLock { $0.counts } }

    /// Ends every connection and the thread.
    package func close() { state.withLock { $0.isClosed = true } }

    /// nil when the proxy is closed.
    private var openFaults: [Link: LinkFault]? { state.withLock { $0.isClosed ? nil : $0.faults } }

    private func takeOrders() -> ProxyEngine.Orders? {
        state.withLock { state in
            if state.isClosed { return nil }
            defer { state.halving = [] }
            return ProxyEngine.Orders(faults: state.faults, upstreams: state.upstreams, halving: state.halving)
        }
    }

    private func note(_ counts: [Link: LinkCounts]) {
        state.withLock { $0.counts = counts }
    }
}

/// The proxy's thread: its sockets are known to nobody else.
private struct ProxyEngine {
    struct Orders {
        let faults: [Link: LinkFault]
        let upstreams: [Link: [Int]]
        let halving: Set<Link>
    }

    private let listeners: [Link: Int32]
    private var connections: [ProxyConnection] = []
    private var counts: [Link: LinkCounts] = [:]

    init(listeners: [Link: Int32]) {
        self.listeners = listeners
    }

    /// Waits a moment for something to do; answers the sockets that have something.
    func wait(_ faults: [Link: LinkFault]) -> Set<Int32> {
        var descriptors = listeners.values.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        for connection in connections {
            for interest in connection.interests(faults[connection.link] ?? .none) {
                descriptors.append(pollfd(fd: interest.descriptor, events: interest.events, revents: 0))
            }
        }
        guard poll(&descriptors, nfds_t(descriptors.count), FaultProxy.tick) >= 0 else { return [] }
        return Set(descriptors.lazy.filter { $0.revents != 0 }.map(\.fd))
    }

    /// Does what there is to do; answers what has been seen since the start.
    mutating func turn(_ ready: Set<Int32>, _ orders: Orders) -> [Link: LinkCounts] {
        if !orders.halving.isEmpty {
            for index in connections.indices where orders.halving.contains(connections[index].link) {
                connections[index].halve()
            }
        }
        var kept: [ProxyConnection] = []
        kept.reserveCapacity(connections.count)
        for var connection in connections {
            let fault = orders.faults[connection.link] ?? .none
            guard ready.contains(connection.client) || ready.contains(connection.server) || fault == .reset else {
                kept.append(connection)
                continue
            }
            let end = connection.move(fault, &counts[connection.link, default: LinkCounts()])
            if end == .none { kept.append(connection) } else { connection.close(end) }
        }
        connections = kept
        for (link, listener) in listeners where ready.contains(listener) { accept(link, listener, orders) }
        return counts
    }

    private mutating func accept(_ link: Link, _ listener: Int32, _ orders: Orders) {
        while case let client = ProxySocket.accept(from: listener), client >= 0 {
            counts[link, default: LinkCounts()].connections += 1
            let ports = orders.upstreams[link] ?? []
            let first = counts[link]?.connections ?? 0
            let isCut = orders.faults[link] == .reset || ports.isEmpty
            let server = isCut ? -1 : Self.connect(ports, from: first)
            if server < 0 {
                ProxySocket.reset(client)
            } else {
                connections.append(ProxyConnection(link: link, client: client, server: server))
            }
        }
    }

    /// The first of the ports, beginning with another one each time, where somebody listens; negative for none.
    private static func connect(_ ports: [Int], from first: Int) -> Int32 {
        for offset in ports.indices {
            let descriptor = ProxySocket.connect(to: ports[(first + offset) % ports.count])
            if descriptor >= 0 { return descriptor }
        }
        return -1
    }

    func close() {
        for connection in connections { connection.close(.closed) }
        for listener in listeners.values { ProxySocket.close(listener) }
    }
}
