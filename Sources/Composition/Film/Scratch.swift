import FoundationEssentials
import StudioCore
import SystemPackage

/// The folder in which a film comes into being; its own files have short relative names.
struct Scratch: Sendable {
    let directory: FilePath

    /// Makes an empty folder below `parent`.
    init(in parent: FilePath) throws {
        directory = parent.appending("composing")
        try? FileManager.default.removeItem(atPath: directory.string)
        do {
            try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        } catch {
            throw Self.failure(error, "cannot make \(directory)")
        }
    }

    func path(_ name: String) -> FilePath { directory.appending(name) }

    func write(_ text: String, to name: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path(name).string))
        } catch {
            throw Self.failure(error, "cannot write \(name)")
        }
    }

    /// Gives the file at `target` a name that is safe in a list.
    func link(_ name: String, to target: FilePath) throws {
        do {
            try FileManager.default.createSymbolicLink(
                atPath: path(name).string, withDestinationPath: target.string)
        } catch {
            throw Self.failure(error, "cannot link \(name)")
        }
    }

    /// Moves the file `name` out of the scratch folder, over whatever is at `target`.
    func move(_ name: String, to target: FilePath) throws -> FilePath {
        do {
            try? FileManager.default.removeItem(atPath: target.string)
            try FileManager.default.moveItem(atPath: path(name).string, toPath: target.string)
            return target
        } catch {
            throw Self.failure(error, "cannot place \(name)")
        }
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: directory.string)
    }

    /// A full disk is the machine's fault and worth another try elsewhere.
    static func failure(_ error: any Error, _ what: String) -> TaskFailure {
        if (error as? CocoaError)?.code == .fileWriteOutOfSpace {
            return TaskFailure(.resource, code: "disk_full", detail: what)
        }
        return TaskFailure(.temporary, code: "scratch_failed", detail: "\(what): \(error)")
    }
}
