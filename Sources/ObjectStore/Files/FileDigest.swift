import Crypto
import NIOCore
package import SystemPackage
import _NIOFileSystem

/// SHA-256 of files, in memory that does not depend on their size.
package enum FileDigest {
    /// The SHA-256 of the file at `path` in lower-case hexadecimal.
    ///
    /// Throws: `ObjectStoreError.fileFailed` when it cannot be read.
    @concurrent
    package static func sha256(of path: FilePath) async throws -> String {
        try await withFile(at: path) { handle, size in
            try await sha256(of: FileSlice(handle: handle, range: 0..<size))
        }
    }

    static func sha256(of slice: FileSlice) async throws -> String {
        var hasher = SHA256()
        for try await buffer in slice {
            buffer.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) }
        }
        return Hexadecimal.encode(hasher.finalize())
    }

    /// Hexadecimal SHA-256 as the `x-amz-checksum-sha256` header spells it: base 64 of its bytes.
    ///
    /// What is not hexadecimal stays as it is, for the store to refuse.
    static func checksumHeader(_ sha256: String) -> String {
        guard let bytes = Hexadecimal.decode(sha256) else { return sha256 }
        return Base64.encode(bytes)
    }

    /// The reverse; nil when `header` is no SHA-256, such as the composite checksum of a multipart object.
    static func sha256(checksumHeader header: String) -> String? {
        guard let bytes = Base64.decode(header), bytes.count == SHA256.byteCount else { return nil }
        return Hexadecimal.encode(bytes)
    }
}
