#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The socket calls of the proxy: on the loopback interface, hardly ever waiting.
enum ProxySocket {
    private static let backlog: Int32 = 128
    private static let answerMilliseconds: Int32 = 50

    /// What came of an attempt to move bytes.
    enum Moved {
        case bytes(Int)
        /// Not now.
        case wait
        /// The other side has said all it will say.
        case end
        case broken
    }

    /// A port of its own.
    ///
    /// - Parameter isAnswering: false keeps the port from others, and everybody who calls it is refused.
    static func listen(isAnswering: Bool = true) throws -> (descriptor: Int32, port: Int) {
        let listener = stream()
        var address = loopback(0)
        guard listener >= 0, withAddress(&address, { bind(listener, $0, $1) }) == 0,
            !isAnswering || listenOn(listener) == 0
        else {
            throw ChaosError("no port of 127.0.0.1 can be listened on: error \(errno)")
        }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        guard named == 0 else { throw ChaosError("a listening socket has no name: error \(errno)") }
        return (listener, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Whether a program could listen there now.
    static func isFree(_ port: Int) -> Bool {
        let descriptor = stream()
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = loopback(port)
        return withAddress(&address) { bind(descriptor, $0, $1) } == 0
    }

    /// A connection, perhaps not established yet; negative when nobody listens there.
    static func connect(to port: Int) -> Int32 {
        let descriptor = stream()
        guard descriptor >= 0 else { return descriptor }
        var address = loopback(port)
        let result = withAddress(&address) { connectTo(descriptor, $0, $1) }
        if result == 0 { return descriptor }
        // On this machine an answer takes microseconds, a refusal too; only a service with a full backlog gives none.
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if errno == EINPROGRESS, poll(&state, 1, answerMilliseconds) >= 0,
            state.revents & Int16(POLLERR | POLLHUP) == 0
        {
            return descriptor
        }
        close(descriptor)
        return -1
    }

    /// A connection that somebody has made; negative when there is none.
    static func accept(from listener: Int32) -> Int32 {
        let descriptor = acceptOn(listener)
        if descriptor >= 0 { prepare(descriptor) }
        return descriptor
    }

    static func receive(_ descriptor: Int32, into bytes: inout [UInt8], limit: Int) -> Moved {
        withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer in
            let count = recv(descriptor, buffer.baseAddress, limit, 0)
            if count > 0 {
                bytes.append(contentsOf: buffer[..<count])
                return .bytes(count)
            }
            if count == 0 { return .end }
            return errno == EAGAIN || errno == EINTR ? .wait : .broken
        }
    }

    /// Sends what the system takes now, and removes it from `bytes`.
    static func send(_ descriptor: Int32, _ bytes: inout [UInt8]) -> Moved {
        #if canImport(Darwin)
            let flags: Int32 = 0
        #else
            let flags = Int32(MSG_NOSIGNAL)
        #endif
        let count = bytes.withUnsafeBytes { sendOn(descriptor, $0.baseAddress, $0.count, flags) }
        guard count > 0 else { return errno == EAGAIN || errno == EINTR ? .wait : .broken }
        bytes.removeFirst(count)
        return .bytes(count)
    }

    /// Says that nothing more will be sent.
    static func finish(_ descriptor: Int32) { shutdown(descriptor, Int32(SHUT_WR)) }

    static func close(_ descriptor: Int32) {
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #elseif canImport(Musl)
            _ = Musl.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
    }

    /// Closes so that the other side gets a reset instead of an end.
    static func reset(_ descriptor: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }

    // MARK: - System

    private static func stream() -> Int32 {
        #if canImport(Darwin)
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        if descriptor >= 0 { prepare(descriptor) }
        return descriptor
    }

    private static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        #if canImport(Darwin)
            setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    private static func listenOn(_ descriptor: Int32) -> Int32 {
        #if canImport(Glibc)
            Glibc.listen(descriptor, backlog)
        #elseif canImport(Musl)
            Musl.listen(descriptor, backlog)
        #else
            Darwin.listen(descriptor, backlog)
        #endif
    }

    private static func acceptOn(_ descriptor: Int32) -> Int32 {
        #if canImport(Glibc)
            Glibc.accept(descriptor, nil, nil)
        #elseif canImport(Musl)
            Musl.accept(descriptor, nil, nil)
        #else
            Darwin.accept(descriptor, nil, nil)
        #endif
    }

    private static func connectTo(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> Int32 {
        #if canImport(Glibc)
            Glibc.connect(descriptor, address, size)
        #elseif canImport(Musl)
            Musl.connect(descriptor, address, size)
        #else
            Darwin.connect(descriptor, address, size)
        #endif
    }

    private static func sendOn(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
        #if canImport(Glibc)
            Glibc.send(descriptor, bytes, count, flags)
        #elseif canImport(Musl)
            Musl.send(descriptor, bytes, count, flags)
        #else
            Darwin.send(descriptor, bytes, count, flags)
        #endif
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
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
