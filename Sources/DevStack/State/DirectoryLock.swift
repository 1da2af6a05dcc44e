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
    /// - Parameters:
    ///   - isCancellable: whether cancellation ends the wait; not for who stops things, who is often cancelled already.
    ///   - onWait: told once, when there is somebody to wait for, which process that is.
    /// - Throws: ``StackError`` with `busy` when the limit passes, naming the holder; what the body throws.
    static func holding<Value>(
        _ directory: FilePath, waitingAtMost limit: Duration, isCancellable: Bool = false,
        onWait: (String) -> Void = { _ in }, _ body: () async throws -> Value
    ) async throws -> Value {
        let path = directory.appending("lock")
        let file = try FileDescriptor.open(
            path, .readWrite, options: [.create, .closeOnExec], permissions: PrivateFile.mode)
        defer { try? file.close() }
        let deadline = ContinuousClock.now + limit
        var isWaiting = false
        while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
            if isCancellable { try Task.checkCancellation() }
            let holder = (try? String(contentsOfFile: path.string, encoding: .utf8)) ?? "(unknown)"
            if !isWaiting { onWait(holder) }
            isWaiting = true
            guard ContinuousClock.now < deadline else {
                throw StackError(
                    .busy, "Process \(holder) is at work in \(directory).", cure: "Wait until it is done, or end it.")
            }
            await Pause.uncancellable(for: pollInterval)
        }
        try file.resize(to: 0)
        try file.writeAll(toAbsoluteOffset: 0, Array("\(getpid())".utf8))
        return try await body()
    }
}
