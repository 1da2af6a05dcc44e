import Foundation
package import SystemPackage

/// Files that only their owner may read, replaced as a whole.
package enum PrivateFile {
    static let mode: FilePermissions = [.ownerReadWrite]

    /// Writes beside the file and renames, so that a reader sees the old content or the new.
    static func write(_ data: Data, to path: FilePath, mode: FilePermissions = mode) throws {
        let draft = path.string + ".new"
        do {
            let file = try FileDescriptor.open(
                draft, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: mode)
            try file.closeAfter { _ = try file.writeAll(data) }
            // The mode given to open counts only for a new file, and less the umask.
            try FileManager.default.setAttributes([.posixPermissions: Int(mode.rawValue)], ofItemAtPath: draft)
        } catch let error as Errno {
            throw StackError(
                .storage, "Could not write \(draft): \(error)",
                cure: error == .noSpace ? "Free some disk space." : "Check the directory's owner and mode.")
        }
        guard rename(draft, path.string) == 0 else {
            throw StackError(.storage, "Could not replace \(path).", cure: "Check the directory's owner and mode.")
        }
    }

    /// Writes a value as JSON.
    package static func write(json value: some Encodable, to path: FilePath) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        try write(encoder.encode(value), to: path)
    }

    /// Reads a value that was written as JSON; nil when there is no such file.
    package static func read<Value: Decodable>(_ type: Value.Type, from path: FilePath) throws -> Value? {
        guard let data = FileManager.default.contents(atPath: path.string) else { return nil }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            return try decoder.decode(type, from: data)
        } catch {
            throw StackError(
                .configuration, "\(path) cannot be understood.",
                cure: "Stop what still runs below \(path.removingLastComponent()) and remove that directory.")
        }
    }
}
