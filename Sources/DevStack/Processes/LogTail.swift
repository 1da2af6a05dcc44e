import Foundation
import SystemPackage

/// The end of a log file, for error messages.
enum LogTail {
    static let lineLimit = 15
    private static let byteLimit: UInt64 = 8192

    /// Reads the last lines, indented, with the path above them.
    static func text(of log: FilePath) -> String {
        guard let file = FileHandle(forReadingAtPath: log.string) else { return "(no log at \(log.string))" }
        defer { try? file.close() }
        let size = (try? file.seekToEnd()) ?? 0
        try? file.seek(toOffset: size > byteLimit ? size - byteLimit : 0)
        let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
        let lines = text.split(separator: "\n").suffix(lineLimit)
        return "The end of \(log.string):\n" + lines.map { "    \($0)" }.joined(separator: "\n")
    }
}
