import Foundation
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The programs that nobody waits for any more, known by the directory in which they work.
///
/// Tools have sessions of their own, so a worker that is killed takes none of them with it. Linux tells where a process
/// works; elsewhere none is found.
struct OrphanedPrograms {
    /// How long the killed may take to be gone; one that waits for a device can take for ever.
    private static let endLimit: Duration = .seconds(5)
    private static let pause: Duration = .milliseconds(10)

    /// Programs are looked for below it.
    let directory: FilePath
    /// Whether those are meant, too, that work in the directory itself.
    var includesItself = false

    /// Kills them, each with its process group, and waits a while for their end.
    ///
    /// Blocks. Spares this process's own session: who started the worker may look around there.
    func end() {
        #if os(Linux)
            let deadline = ContinuousClock.now + Self.endLimit
            while true {
                let found = processes
                guard !found.isEmpty, ContinuousClock.now < deadline else { return }
                for process in found {
                    let group = getpgid(process)
                    // To signal group 1 or 0 is to signal every process, or this one's group.
                    _ = kill(group > 1 ? -group : process, SIGKILL)
                }
                Thread.sleep(forTimeInterval: Self.pause.secondsValue)
            }
        #endif
    }

    private var processes: [pid_t] {
        let files = FileManager.default
        guard let resolved = realpath(directory.string, nil) else { return [] }
        defer { free(resolved) }
        let root = String(cString: resolved)
        let session = getsid(0)
        return ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }.filter { process in
            guard let place = try? files.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd"),
                place.hasPrefix(root + "/") || includesItself && place == root
            else { return false }
            return getsid(process) != session
        }
    }
}
