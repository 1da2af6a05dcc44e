import Foundation
import SystemPackage

/// A directory that programs have filled, with whatever they left in it.
struct DirectoryTree {
    private static let mode = 0o700

    let path: FilePath

    /// Removes it with all that is in it, if it is there: what a program goes on writing, too, and what lies in
    /// directories that forbid it, such as the caches of some package managers.
    ///
    /// Blocks, and ends programs that work in it if need be.
    /// - Throws: the system's error when something stays.
    func remove() throws {
        let files = FileManager.default
        guard (try? files.attributesOfItem(atPath: path.string)) != nil else { return }
        do {
            try files.removeItem(atPath: path.string)
        } catch {
            OrphanedPrograms(directory: path, includesItself: true).end()
            allowRemoval()
            try files.removeItem(atPath: path.string)
        }
    }

    /// Lets this user change all directories, as far as they are this user's.
    private func allowRemoval() {
        let files = FileManager.default
        var directories = [path.string]
        while let directory = directories.popLast() {
            // Of the path itself, never of what it links to.
            let type = (try? files.attributesOfItem(atPath: directory))?[.type] as? FileAttributeType
            guard type == .typeDirectory else { continue }
            try? files.setAttributes([.posixPermissions: Self.mode], ofItemAtPath: directory)
            directories += ((try? files.contentsOfDirectory(atPath: directory)) ?? []).map { "\(directory)/\($0)" }
        }
    }
}
