import FoundationEssentials
package import SystemPackage

/// Finds a program the way a shell would, once, so that everything later runs an absolute path.
package enum ExecutableSearch {
    private static let searchPath = "/usr/local/bin:/usr/bin:/bin"

    /// The absolute path of `name`: itself when it is a path, else the first match in `PATH`; `nil` when there is none.
    package static func find(_ name: String) -> FilePath? {
        let searchPath = ProcessInfo.processInfo.environment["PATH"] ?? searchPath
        let candidates =
            name.contains("/")
            ? [FilePath(name)] : searchPath.split(separator: ":").map { FilePath(String($0)).appending(name) }
        return candidates.first { $0.isAbsolute && FileManager.default.isExecutableFile(atPath: $0.string) }
    }
}
