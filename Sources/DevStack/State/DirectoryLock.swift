import Foundation
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A lock between processes that the system drops when its holder ends, however it ends.
enum DirectoryLock {
    private static let pollInterval = Duration.milliseconds(100)

    /// Runs the body while no other process, and no other task, holds the lock of this directory.
    ///
    /// Cancellation does not end the wait, as whoever stops things is often cancelled already; the body decides.
    ///
    /// - Throws: ``StackError`` with `busy` when the limit passes, naming the holder; what the body throws.
    static func holding<Value>(
        _ directory: FilePath, waitingAtMost limit: Duration, _ body: () async throws -> Value
    ) async throws -> Value {
        let path = directory.appending("lock")
        let file = try FileDescriptor.open(
            path, .readWrite, options: [.create, .closeOnExec], permissions: PrivateFile.mode)
        defer { try? file.close() }
        let deadline = ContinuousClock.now + limit
        while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
            guard ContinuousClock.now < deadline else {
                let holder = (try? String(contentsOfFile: path.string, encoding: .utf8)) ?? "(unknown)"
                throw StackError(
                    .busy, "Process \(holder) is starting or stopping \(directory).",
                    cure: "Wait until it is done, or end it.")
            }
            await Pause.uncancellable(for: pollInterval)
        }
        try file.resize(to: 0)
        try file.writeAll(toAbsoluteOffset: 0, Array("\(getpid())".utf8))
        return try await body()
    }
}
