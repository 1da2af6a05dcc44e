import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where words go: data to standard output, everything else to standard error.
enum Terminal {
    private static let widthDefault = 80
    private static let heightDefault = 24

    /// Whether progress may be redrawn in place.
    static let isInteractive = isatty(STDERR_FILENO) == 1 && variable("TERM") != "dumb"
    static let usesColor = isInteractive && (variable("NO_COLOR") ?? "").isEmpty

    static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name]
    }

    static var size: (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (widthDefault, heightDefault)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// A line of progress.
    static func note(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    static func complain(_ message: String) {
        note("studio: \(message)")
    }

    /// Text that is not a line, such as what redraws one.
    static func draw(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }

    /// A line of data.
    static func print(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    static func read(secret variable: String) -> String? {
        if let value = self.variable(variable), !value.isEmpty { return value }
        guard let path = self.variable(variable + "_FILE"), let data = FileManager.default.contents(atPath: path) else {
            return nil
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
