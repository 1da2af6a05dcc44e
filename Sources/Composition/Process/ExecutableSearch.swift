import FoundationEssentials
import StudioCore
package import SystemPackage

/// Finds a program the way a shell would, once, so that everything later runs an absolute path.
package enum ExecutableSearch {
    /// The absolute path of `name`: itself when it is a path, else the first match in `searchPath`.
    ///
    /// - Throws: `TaskFailure` `ffmpeg_missing` when there is none.
    package static func find(
        _ name: String,
        searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    ) throws -> FilePath {
        let candidates =
            name.contains("/")
            ? [FilePath(name)]
            : searchPath.split(separator: ":").map { FilePath(String($0)).appending(name) }
        let found = candidates.first {
            $0.isAbsolute && FileManager.default.isExecutableFile(atPath: $0.string)
        }
        guard let found else {
            throw TaskFailure(.resource, code: "ffmpeg_missing", detail: "no program \(name) on this machine")
        }
        return found
    }
}
