import Foundation
import ProgramSettings
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Files that are there completely or not at all, whatever kills the process: written aside, synced, then renamed.
///
/// Every method blocks.
struct SpoolDirectory: Sendable {
    private static let ending = ".report"
    private static let temporaryEnding = ".partial"

    let path: FilePath

    /// Removes what was only half written; nobody was promised those.
    ///
    /// - Throws: ``SettingError`` naming `WORKER_DIRECTORY` when files cannot be written there, but not for want of
    ///   room, which comes and goes: see ``DiskRoom``.
    init(path: FilePath) throws {
        self.path = path
        do {
            for name in try FileManager.default.contentsOfDirectory(atPath: path.string)
            where name.hasSuffix(Self.temporaryEnding) {
                try FileManager.default.removeItem(atPath: path.appending(name).string)
            }
            try write([], name: "probe")
            try remove(name: "probe")
        } catch Errno.noSpace, Errno.diskQuotaExceeded {
            return
        } catch {
            throw SettingError(workDirectory: path, error)
        }
    }

    /// The names of the files that are there, oldest first by name.
    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path.string)
            .filter { $0.hasSuffix(Self.ending) }
            .map { String($0.dropLast(Self.ending.count)) }
            .sorted()
    }

    func read(name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(filePath: file(name).string)))
    }

    /// Returns when the file would survive a loss of power.
    func write(_ bytes: [UInt8], name: String) throws {
        let temporary = path.appending(name + Self.temporaryEnding)
        let descriptor = try FileDescriptor.open(
            temporary, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
        do {
            try descriptor.closeAfter {
                try descriptor.writeAll(bytes)
                try sync(descriptor)
            }
            guard rename(temporary.string, file(name).string) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            unlink(temporary.string)
            throw error
        }
        try syncDirectory()
    }

    /// Removes a file, which need not be there; it may come back after a loss of power.
    func remove(name: String) throws {
        guard unlink(file(name).string) == 0 || errno == ENOENT else { throw Errno(rawValue: errno) }
    }

    private func file(_ name: String) -> FilePath {
        path.appending(name + Self.ending)
    }

    private func syncDirectory() throws {
        let descriptor = try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
        try descriptor.closeAfter { try sync(descriptor) }
    }

    private func sync(_ descriptor: FileDescriptor) throws {
        guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }
}
