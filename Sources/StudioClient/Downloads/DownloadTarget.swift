import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a download may go: into a directory that is there, as a new file or in the place of an ordinary one.
package enum DownloadTarget {
    /// Throws when nothing can be downloaded to `path`, and says what cures it.
    package static func check(_ path: String) throws(StudioClientError) {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var status = stat()
        guard !path.isEmpty else { throw StudioClientError(.file, "The name of the file is empty.") }
        guard stat(directory, &status) == 0, status.isDirectory else {
            throw StudioClientError(.file, "There is no directory \(directory).\n→ Make it, or choose another place.")
        }
        guard access(directory, W_OK | X_OK) == 0 else {
            throw StudioClientError(
                .file, "\(directory) cannot be written: \(String(cString: strerror(errno))).\n→ Choose another place.")
        }
        // The link itself, as it is what would be replaced.
        if lstat(path, &status) == 0 {
            if status.isDirectory {
                throw StudioClientError(.file, "\(path) is a directory.\n→ Name the file in it.")
            }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw StudioClientError(
                    .file, "\(path) is a link, a device or a pipe, which is not replaced.\n→ Choose another name.")
            }
        } else if errno != ENOENT {
            throw StudioClientError(.file, "\(path) cannot be used: \(String(cString: strerror(errno))).")
        }
    }
}

extension stat {
    fileprivate var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
}
