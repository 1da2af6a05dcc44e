import BlockingIO
import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Which thread runs the caller.
func currentThread() -> UInt {
    #if canImport(Darwin)
        UInt(bitPattern: pthread_self())
    #else
        UInt(pthread_self())
    #endif
}

/// Both ends of a connected stream socket.
struct SocketPair {
    let near: Int32
    let far: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        #if canImport(Darwin)
            socketpair(AF_UNIX, SOCK_STREAM, 0, &ends)
        #else
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        #endif
        near = ends[0]
        far = ends[1]
    }

    func send(_ byte: UInt8 = 1) {
        var byte = byte
        _ = write(far, &byte, 1)
    }

    func shut() {
        close(near)
        close(far)
    }
}

/// Looks every few milliseconds until `condition` holds; false after `limit`.
func eventually(within limit: Duration = .seconds(20), _ condition: @Sendable () -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        try await Task.sleep(for: .milliseconds(5))
    }
    return true
}

/// Threads of this process whose name is `name`; nil where the system does not tell.
func threadCount(named name: String) -> Int? {
    let root = "/proc/self/task"
    guard let ids = try? FileManager.default.contentsOfDirectory(atPath: root) else { return nil }
    return ids.count { id in
        (try? String(contentsOfFile: "\(root)/\(id)/comm", encoding: .utf8)) == name + "\n"
    }
}

/// Open descriptors of this process; nil where the system does not tell.
func descriptorCount() -> Int? {
    try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
}
