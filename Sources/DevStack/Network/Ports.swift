import Foundation
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Questions about local TCP ports.
package enum Ports {
    /// A port of the loopback address that nothing listens on, the preferred one when that is free.
    ///
    /// Somebody may still take it before it is used.
    package static func free(preferring port: Int = 0) throws -> Int {
        if port > 0, isFree(port) { return port }
        let descriptor = Sockets.stream()
        defer { if descriptor >= 0 { close(descriptor) } }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isNamed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                Sockets.withLoopbackAddress(port: 0) { bind(descriptor, $0, $1) } == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isNamed else {
            throw StackError(.portInUse, "No port of 127.0.0.1 is free.", cure: "End programs that are not needed.")
        }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    /// Whether nothing listens on this port of the loopback address.
    static func isFree(_ port: Int) -> Bool {
        let descriptor = Sockets.stream()
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // A port whose last connections are still in TIME_WAIT is free for a listener.
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let result = Sockets.withLoopbackAddress(port: port) { bind(descriptor, $0, $1) }
        // Any other failure is for whoever wants to listen there to explain.
        return result == 0 || errno != EADDRINUSE
    }

    /// Says which process listens on this port; nil when that cannot be seen.
    static func holder(of port: Int) -> String? {
        guard let inode = listeningSocket(on: port) else { return nil }
        let files = FileManager.default
        for entry in (try? files.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int32(entry) else { continue }
            let folder = "/proc/\(pid)/fd"
            for descriptor in (try? files.contentsOfDirectory(atPath: folder)) ?? []
            where (try? files.destinationOfSymbolicLink(atPath: "\(folder)/\(descriptor)")) == "socket:[\(inode)]" {
                return "pid \(pid) (\(ProcessTable.commandLine(of: pid)?.prefix(80) ?? "unknown program"))"
            }
        }
        return nil
    }

    /// The state that `/proc/net/tcp` calls listening.
    private static let listening = "0A"

    private static func listeningSocket(on port: Int) -> Substring? {
        let suffix = ":" + String(port, radix: 16, uppercase: true)
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            for line in wholeText(of: table).split(separator: "\n") {
                let fields = line.split(separator: " ")
                if fields.count > 9, fields[1].hasSuffix(suffix), fields[3] == listening { return fields[9] }
            }
        }
        return nil
    }

    /// Foundation reads a file that says its size is 0, as these do, only as far as one call gives.
    private static func wholeText(of path: String) -> String {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { return "" }
        defer { try? file.close() }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while let count = try? buffer.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
