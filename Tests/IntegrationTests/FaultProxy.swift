import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A TCP proxy on the loopback interface that can fall silent, cut its connections, or change what clients say.
final class FaultProxy: Sendable {
    enum Fault { case none, silent, cut }

    private final class State: Sendable {
        private let mutex = Mutex<(fault: Fault, isClosed: Bool)>((.none, false))

        var value: (fault: Fault, isClosed: Bool) { mutex.withLock { $0 } }
        func set(_ fault: Fault) { mutex.withLock { $0.fault = fault } }
        func close() { mutex.withLock { $0.isClosed = true } }
    }

    /// Changes what one client says, piece by piece.
    typealias Filter = ([UInt8]) -> [UInt8]

    private struct Failure: Error { let call: String }

    private static let chunkBytes = 65_536

    let port: Int
    private let state = State()

    /// Forwards to `port` on the loopback interface until closed; each client's words through a filter of its own.
    init(to upstream: Int, filtering: @escaping @Sendable () -> Filter = { { $0 } }) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(port: 0)
        guard listener >= 0, Self.withAddress(&address, { bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0
        else { throw Failure(call: "listen") }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        guard named == 0 else { throw Failure(call: "getsockname") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [state] in Self.forward(listener, upstream, state, filtering) }
    }

    /// `silent` keeps connections open and moves nothing; `cut` closes them, new ones too.
    func set(_ fault: Fault) { state.set(fault) }

    func close() { state.close() }

    private static func forward(
        _ listener: Int32, _ upstream: Int, _ state: State, _ filtering: @Sendable () -> Filter
    ) {
        var peers: [Int32: Int32] = [:]
        var filters: [Int32: Filter] = [:]
        func end(_ descriptor: Int32) {
            guard let peer = peers.removeValue(forKey: descriptor) else { return }
            peers[peer] = nil
            filters[descriptor] = nil
            filters[peer] = nil
            _ = Glibc.close(descriptor)
            _ = Glibc.close(peer)
        }
        while true {
            let (fault, isClosed) = state.value
            if fault == .cut || isClosed { for descriptor in Array(peers.keys) { end(descriptor) } }
            if isClosed { break }
            // A silent proxy still takes connections in, as a frozen process does.
            var descriptors = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
            if fault == .none { descriptors += peers.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) } }
            guard poll(&descriptors, nfds_t(descriptors.count), 10) > 0 else { continue }
            for ready in descriptors.dropFirst() where ready.revents != 0 {
                guard let peer = peers[ready.fd] else { continue }
                if !move(from: ready.fd, to: peer, filters[ready.fd]) { end(ready.fd) }
            }
            if descriptors[0].revents != 0 {
                let client = accept(listener, nil, nil)
                let server = connected(to: upstream)
                peers[client] = server
                peers[server] = client
                filters[client] = filtering()
            }
        }
        _ = Glibc.close(listener)
    }

    private static func move(from source: Int32, to target: Int32, _ filter: Filter?) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: chunkBytes, alignment: 1) { buffer in
            let count = recv(source, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { return false }
            guard let filter else { return write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: target) }
            return filter(Array(buffer[..<count])).withUnsafeBytes { write($0, to: target) }
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to target: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let result = send(target, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            guard result > 0 else { return false }
            sent += result
        }
        return true
    }

    private static func connected(to port: Int) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port: port)
        _ = withAddress(&address) { connect(descriptor, $0, $1) }
        return descriptor
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func withAddress(
        _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
