import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Looks at a directory of a real disk.
enum DiskProbe {
    private static let fileName = ".probe"
    private static let fileBytes = [UInt8](repeating: 0, count: 4_096)

    /// How many bytes this process may still write below `directory`.
    ///
    /// Blocks. Writes, because free bytes say nothing of quotas, of inodes, or of a disk that became read-only.
    /// - Throws: `Errno` when nothing can be written there.
    static func freeBytes(_ directory: FilePath) throws -> Int64 {
        let path = directory.appending(fileName)
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
        defer { unlink(path.string) }
        _ = try file.closeAfter { try file.writeAll(fileBytes) }
        var statistics = statvfs()
        guard statvfs(directory.string, &statistics) == 0 else { throw Errno(rawValue: errno) }
        return Int64(clamping: UInt64(statistics.f_bavail)) * Int64(clamping: UInt64(statistics.f_frsize))
    }
}
