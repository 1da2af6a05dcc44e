import Foundation
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The user that runs a server which refuses to run as root.
struct ServiceAccount: Sendable {
    private static let userName = "nobody"
    private static let setprivPath = "/usr/bin/setpriv"

    private let user: uid_t
    private let group: gid_t
    /// Whether the directories in question lie below one that only root may enter.
    private let isBehindPrivateDirectory: Bool

    /// Chooses the account for files below these directories; nil when the current user will do.
    static func needed(for directories: [FilePath]) throws -> ServiceAccount? {
        guard geteuid() == 0 else { return nil }
        guard FileManager.default.isExecutableFile(atPath: setprivPath), let entry = getpwnam(userName)?.pointee else {
            throw StackError(
                .toolMissing, "Postgres does not run as root, and setpriv or the user “\(userName)” is missing.",
                cure: "Run as an ordinary user, or install util-linux.")
        }
        return ServiceAccount(
            user: entry.pw_uid, group: entry.pw_gid,
            isBehindPrivateDirectory: !directories.allSatisfy(isOpenToEveryone))
    }

    /// Rewrites a command so that it runs as this account.
    func command(_ executable: FilePath, _ arguments: [String]) -> (executable: FilePath, arguments: [String]) {
        var options = ["--reuid", "\(user)", "--regid", "\(group)", "--clear-groups"]
        if isBehindPrivateDirectory {
            // One capability, in place of opening the private directory to everyone.
            options += ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
        }
        return (FilePath(Self.setprivPath), options + [executable.string] + arguments)
    }

    /// Gives a file or directory to the account.
    func own(_ path: FilePath) throws {
        guard chown(path.string, user, group) == 0 else {
            throw StackError(
                .storage, "Could not give \(path) to the user “\(Self.userName)”.",
                cure: "Put the stack's directory on a file system that has owners.")
        }
    }

    private static func isOpenToEveryone(_ directory: FilePath) -> Bool {
        var path = directory
        while true {
            let mode = (try? FileManager.default.attributesOfItem(atPath: path.string))?[.posixPermissions] as? Int
            if let mode, mode & Int(S_IXOTH) == 0 { return false }
            guard path.removeLastComponent() else { return true }
        }
    }
}
