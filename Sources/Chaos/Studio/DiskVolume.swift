import Foundation
import SystemPackage

/// A small disk of its own for one worker, which can be filled.
struct DiskVolume: Sendable {
    /// How much of it a worker wants to be free, in MiB: a disk as small as ours would never do otherwise.
    static let roomMiB = 4
    private static let megabytes = 24
    private static let chunk = 1 << 16

    let path: FilePath

    /// Makes and mounts it; nil where this user may not.
    static func mount(at path: FilePath) async -> DiskVolume? {
        #if os(Linux)
            do {
                try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
                try await Shell.run("mount -t tmpfs -o size=\(megabytes)m,mode=0700 tmpfs", [path.string])
                return DiskVolume(path: path)
            } catch {
                return nil
            }
        #else
            return nil
        #endif
    }

    /// Takes all the room there is.
    func fill() throws {
        let file = try FileDescriptor.open(
            filler, .writeOnly, options: [.create, .append, .closeOnExec], permissions: [.ownerReadWrite])
        defer { try? file.close() }
        let zeros = [UInt8](repeating: 0, count: Self.chunk)
        for _ in 0..<(Self.megabytes << 20) / Self.chunk + 1 {
            do { try file.writeAll(zeros) } catch Errno.noSpace { return }
        }
    }

    func clear() { try? FileManager.default.removeItem(atPath: filler.string) }

    func unmount() async { _ = try? await Shell.run("umount -l", [path.string]) }

    private var filler: FilePath { path.appending("filler") }
}
