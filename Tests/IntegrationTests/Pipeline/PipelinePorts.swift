import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Ports for programs that are killed and started again on the same ones.
enum PipelinePorts {
    /// Below the range of outgoing connections, one of which could take the port of a program that is down, and
    /// apart from those of local stacks.
    private static let range = 21_600..<25_400
    private static let given = Mutex<Set<Int>>([])

    /// A port of 127.0.0.1 on which nobody listens, never the same twice in this process.
    static func free() throws -> Int {
        for _ in 0..<range.count {
            let port = Int.random(in: range)
            guard given.withLock({ $0.insert(port).inserted }) else { continue }
            if isFree(port) { return port }
        }
        throw PipelineFailure("no port in \(range) is free")
    }

    /// Runs the body while somebody listens on a port of 127.0.0.1.
    static func withTaken(_ body: (_ port: Int) async throws -> Void) async throws {
        let port = try free()
        guard let descriptor = bound(to: port) else { throw PipelineFailure("port \(port) cannot be taken") }
        defer { close(descriptor) }
        guard listen(descriptor, 1) == 0 else { throw PipelineFailure("port \(port) cannot be listened on") }
        try await body(port)
    }

    private static func isFree(_ port: Int) -> Bool {
        guard let descriptor = bound(to: port) else { return false }
        close(descriptor)
        return true
    }

    /// A socket that has the port; nil when another one has.
    private static func bound(to port: Int) -> Int32? {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if !isBound { close(descriptor) }
        return isBound ? descriptor : nil
    }
}
