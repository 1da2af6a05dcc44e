/// What a download left on disk.
package struct DownloadedFile: Sendable, Equatable {
    /// Bytes.
    package let size: Int64
    /// SHA-256 in lower-case hexadecimal.
    package let sha256: String

    package init(size: Int64, sha256: String) {
        self.size = size
        self.sha256 = sha256
    }
}
