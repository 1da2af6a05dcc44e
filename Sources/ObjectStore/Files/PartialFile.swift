import Crypto
import NIOCore
import SystemPackage
import _NIOFileSystem

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file that grows while it is hashed.
///
/// It belongs to one download and is used by one task at a time.
struct PartialFile {
    /// Bytes gathered before they are hashed and written.
    static let chunk = 512 << 10

    private let handle: any WritableFileHandleProtocol & Sendable
    private var gathered = ByteBuffer()
    private var hasher = SHA256()
    private var written: Int64 = 0

    init(handle: any WritableFileHandleProtocol & Sendable) {
        self.handle = handle
        gathered.reserveCapacity(Self.chunk)
    }

    /// Bytes taken so far.
    var size: Int64 { written + Int64(gathered.readableBytes) }

    mutating func append(_ buffer: ByteBuffer) async throws {
        gathered.writeImmutableBuffer(buffer)
        if gathered.readableBytes >= Self.chunk { try await flush() }
    }

    /// Forgets everything, for a download that begins again.
    mutating func restart() async throws {
        gathered.clear()
        hasher = SHA256()
        written = 0
        try await handle.resize(to: .bytes(0))
    }

    /// Writes what is left and returns the SHA-256 of the whole, in hexadecimal.
    mutating func finish() async throws -> String {
        try await flush()
        return Hexadecimal.encode(hasher.finalize())
    }

    private mutating func flush() async throws {
        guard gathered.readableBytes > 0 else { return }
        gathered.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) }
        let count = Int64(gathered.readableBytes)
        let accepted = try await handle.write(contentsOf: gathered.readableBytesView, toAbsoluteOffset: written)
        guard accepted == count else {
            throw ObjectStoreError(.diskFull, "only \(accepted) of \(count) bytes were written")
        }
        written += count
        gathered.clear()
    }

    /// Runs `body` on a new file beside `target`, then puts it in the place of `target` in one step.
    ///
    /// When `body` throws, the new file is removed and whatever was at `target` stays.
    static func replacing<Value: Sendable>(
        _ target: FilePath, operation: String,
        _ body: @escaping @Sendable @concurrent (inout PartialFile) async throws -> Value
    ) async throws -> Value {
        guard let name = target.lastComponent?.string else {
            throw ObjectStoreError(.fileFailed, "\(operation): \(target) names no file")
        }
        let unique = String(UInt64.random(in: .min ... .max), radix: 36)
        // The prefix keeps the temporary name within the 255 bytes of a name, whatever the target's length.
        let temporary = target.removingLastComponent().appending(".\(name.prefix(40)).\(unique).partial")
        do {
            let value = try await FileSystem.shared.withFileHandle(
                forWritingAt: temporary,
                options: OpenOptions.Write(
                    existingFile: .none, newFile: .init(permissions: nil, transactionalCreation: false),
                    closeOnExec: true)
            ) { handle in
                var file = PartialFile(handle: handle)
                return try await body(&file)
            }
            try move(temporary, to: target)
            return value
        } catch {
            _ = temporary.withPlatformString { unlink($0) }
            throw ObjectStoreError.wrapping(error, operation: operation)
        }
    }

    private static func move(_ source: FilePath, to target: FilePath) throws {
        let result = source.withPlatformString { source in target.withPlatformString { rename(source, $0) } }
        guard result == 0 else {
            let reason = Errno(rawValue: errno)
            throw ObjectStoreError(.fileFailed, "cannot move the finished download to \(target): \(reason)")
        }
    }
}
