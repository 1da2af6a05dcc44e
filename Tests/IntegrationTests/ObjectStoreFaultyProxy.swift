import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A TCP proxy on loopback that cuts its first connections after so many bytes of the answer.
final class ObjectStoreFaultyProxy: Sendable {
    struct SocketError: Error { let call: String }

    let port: UInt16
    /// Connections accepted so far.
    var connections: Int { state.withLock { $0.connections } }
    private let listener: Int32
    private let upstream: UInt16
    private let cutAfter: Int
    private let state: Mutex<(connections: Int, cutsLeft: Int)>

    /// - Parameters:
    ///   - upstream: a port of 127.0.0.1; 0 swallows everything and answers nothing.
    ///   - cuts: connections to cut, counted from the first.
    init(upstream: UInt16, cutting cuts: Int, after bytes: Int) throws {
        self.upstream = upstream
        cutAfter = bytes
        state = Mutex((0, cuts))
        (listener, port) = try Self.listen()
        Thread.detachNewThread { [weak self, listener] in
            while case let client = Self.accept(listener), client >= 0 { self?.serve(client) }
        }
    }

    /// Refuses new connections from now on.
    func close() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ client: Int32) {
        let isCut = state.withLock { state in
            state.connections += 1
            state.cutsLeft -= 1
            return state.cutsLeft >= 0
        }
        let limit = isCut ? cutAfter : Int.max
        guard upstream != 0, let server = try? Self.connect(to: upstream) else {
            // Held open in silence.
            if upstream != 0 { Self.end(client) }
            return
        }
        Thread.detachNewThread { Self.pump(from: client, to: server, limit: .max) }
        Thread.detachNewThread { Self.pump(from: server, to: client, limit: limit) }
    }

    private static func pump(from source: Int32, to target: Int32, limit: Int) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var left = limit
        while left > 0 {
            let count = read(source, &buffer, min(buffer.count, left))
            guard count > 0 else { break }
            left -= count
            var sent = 0
            while sent < count {
                let accepted = buffer[sent..<count].withUnsafeBytes {
                    send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard accepted > 0 else { break }
                sent += accepted
            }
            if sent < count { break }
        }
        end(source)
        end(target)
    }

    /// Ends the connection without freeing the descriptor, which the other direction may still be using.
    private static func end(_ descriptor: Int32) { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private static func accept(_ listener: Int32) -> Int32 {
        #if canImport(Darwin)
            Darwin.accept(listener, nil, nil)
        #else
            Glibc.accept(listener, nil, nil)
        #endif
    }

    private static func stream() -> Int32 {
        #if canImport(Darwin)
            socket(AF_INET, SOCK_STREAM, 0)
        #else
            socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    /// Listens on a port that was free.
    static func listen() throws -> (descriptor: Int32, port: UInt16) {
        let listener = stream()
        var address = loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, size) | listenOn(listener) | getsockname(listener, pointer, &size)
            }
        }
        guard result == 0 else { throw SocketError(call: "listen") }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private static func listenOn(_ descriptor: Int32) -> Int32 {
        #if canImport(Darwin)
            Darwin.listen(descriptor, 64)
        #else
            Glibc.listen(descriptor, 64)
        #endif
    }

    private static func connect(to port: UInt16) throws -> Int32 {
        let descriptor = stream()
        var address = loopback(port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                #if canImport(Darwin)
                    Darwin.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
                #else
                    Glibc.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
                #endif
            }
        }
        guard result == 0 else { throw SocketError(call: "connect") }
        return descriptor
    }

    /// A port that nothing listens on, most probably.
    static func freePort() throws -> UInt16 {
        let (descriptor, port) = try listen()
        shutdown(descriptor, Int32(SHUT_RDWR))
        _ = Foundation.close(descriptor)
        return port
    }
}
