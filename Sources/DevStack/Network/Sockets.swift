import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The few socket calls that probing needs, blocking and with a time limit, off the cooperative threads.
enum Sockets {
    /// How long one call may block.
    private static let callLimit = timeval(tv_sec: 2, tv_usec: 0)

    /// Runs blocking work on a thread that may block.
    static func offload<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: work()) }
        }
    }

    /// Opens a TCP socket whose calls give up after the limit; negative when the system has none left.
    static func stream(family: Int32 = AF_INET) -> Int32 {
        #if canImport(Darwin)
            let descriptor = socket(family, SOCK_STREAM, 0)
        #else
            let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        #endif
        guard descriptor >= 0 else { return descriptor }
        var limit = callLimit
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        return descriptor
    }

    /// Calls a function with 127.0.0.1 and a port in the form that the system wants.
    static func withLoopbackAddress(
        port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Connects to a port on the loopback address, sends bytes, and reads until the limit or until `enough`.
    ///
    /// - Returns: what was read; nil when nobody listens or nothing came in time.
    static func exchange(
        port: Int, sending request: [UInt8], limit: Int, until enough: ([UInt8]) -> Bool
    ) -> [UInt8]? {
        let descriptor = stream()
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard withLoopbackAddress(port: port, { connect(descriptor, $0, $1) }) == 0 else { return nil }
        #if canImport(Darwin)
            let flags: Int32 = 0
        #else
            let flags = Int32(MSG_NOSIGNAL)
        #endif
        guard send(descriptor, request, request.count, flags) == request.count else { return nil }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while answer.count < limit, !enough(answer) {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return answer.isEmpty ? nil : answer
    }

    /// Whether a TCP connection to a host and port can be made within the limit.
    static func canConnect(host: String, port: Int) -> Bool {
        var hints = addrinfo()
        #if canImport(Darwin)
            hints.ai_socktype = SOCK_STREAM
        #else
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return false }
        defer { freeaddrinfo(list) }
        var next = list
        while let entry = next?.pointee {
            let descriptor = stream(family: entry.ai_family)
            if descriptor >= 0 {
                defer { close(descriptor) }
                if connect(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 { return true }
            }
            next = entry.ai_next
        }
        return false
    }
}
