import Foundation
package import Logging
import ProgramSettings
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The worker's own directory: one directory for each running attempt, and the spool.
///
/// Exactly one process has it: a lock, freed by the system however the process ends, keeps others out.
package struct WorkDirectory: Sendable {
    /// Only this user may read it: inputs and tokens lie there.
    private static let mode = 0o700

    let spool: FilePath
    let attempts: FilePath
    private let lock: FileLock

    /// Makes the directory ready: locked, writable, and without what a dead process left of its attempts.
    ///
    /// Programs that still run there are ended; what cannot be removed is logged, and stays.
    ///
    /// Blocks; call it once at start.
    /// - Throws: ``SettingError`` naming `WORKER_DIRECTORY` when it cannot be used.
    package init(root: FilePath, logger: Logger) throws {
        spool = root.appending("spool")
        attempts = root.appending("attempts")
        do {
            for path in [root, attempts, spool] {
                try FileManager.default.createDirectory(
                    atPath: path.string, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: Self.mode])
                guard access(path.string, W_OK | X_OK) == 0 else { throw Errno(rawValue: errno) }
            }
            lock = try FileLock(path: root.appending("lock"))
            OrphanedPrograms(directory: attempts).end()
            for name in try FileManager.default.contentsOfDirectory(atPath: attempts.string) {
                do {
                    try DirectoryTree(path: attempts.appending(name)).remove()
                } catch {
                    logger.warning(
                        "Directory of an earlier attempt could not be removed",
                        metadata: ["path": "\(attempts.appending(name))", "error": "\(error)"])
                }
            }
        } catch is FileLock.Taken {
            throw SettingError(
                "WORKER_DIRECTORY", "\(root) is in use by another worker: stop it, or set another WORKER_NAME")
        } catch {
            throw SettingError(workDirectory: root, error)
        }
    }

    /// Makes an empty directory for one attempt.
    func make(_ name: AttemptName) async throws -> FilePath {
        let path = attempts.appending(name.description)
        try await Disk.perform {
            try? DirectoryTree(path: path).remove()
            try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        }
        return path
    }

    /// Removes an attempt's directory with all that is in it.
    func remove(_ name: AttemptName) async throws {
        let path = attempts.appending(name.description)
        try await Disk.perform { try DirectoryTree(path: path).remove() }
    }
}

/// An exclusive lock on a file, held until the last reference goes or the process ends.
private final class FileLock: Sendable {
    /// Somebody else holds the lock.
    struct Taken: Error {}

    private let descriptor: FileDescriptor

    init(path: FilePath) throws {
        descriptor = try FileDescriptor.open(
            path, .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
        guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            try? descriptor.close()
            throw code == EWOULDBLOCK ? Taken() : Errno(rawValue: code)
        }
    }

    deinit { try? descriptor.close() }
}
