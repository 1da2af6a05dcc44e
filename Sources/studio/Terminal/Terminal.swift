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
        write(line + "\n", to: STDERR_FILENO)
    }

    static func complain(_ message: String) {
        note("studio: \(message)")
    }

    /// Text that is not a line, such as what redraws one.
    static func draw(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    /// A line of data; ends the program when it cannot be written, without a word when nobody reads any more.
    static func print(_ line: String) {
        if write(line + "\n", to: STDOUT_FILENO) { return }
        let error = errno
        if error == EPIPE { exit(brokenPipeCode) }
        complain("Standard output cannot be written: \(String(cString: strerror(error))).")
        exit(Failure.Code.error.rawValue)
    }

    /// What a shell reports of a program that ended by SIGPIPE.
    private static let brokenPipeCode: Int32 = 141

    /// Returns whether everything was written.
    @discardableResult
    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { rest in
                #if canImport(Glibc)
                    Glibc.write(descriptor, rest.baseAddress, rest.count)
                #elseif canImport(Musl)
                    Musl.write(descriptor, rest.baseAddress, rest.count)
                #else
                    Darwin.write(descriptor, rest.baseAddress, rest.count)
                #endif
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// A variable's value, or the content of the file that the variable with `_FILE` names; `nil` without either.
    static func read(secret variable: String) -> String? {
        if let value = self.variable(variable), !value.isEmpty { return value }
        guard let path = self.variable(variable + "_FILE"), let data = FileManager.default.contents(atPath: path) else {
            return nil
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
