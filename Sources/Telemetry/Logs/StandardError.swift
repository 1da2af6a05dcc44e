import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Standard error, one whole line at a time.
enum StandardError {
    private static let turn = Mutex(())

    static func write(_ line: String) {
        var line = line
        turn.withLock { _ in
            line.withUTF8 { bytes in
                var rest = UnsafeRawBufferPointer(bytes)
                while let start = rest.baseAddress, !rest.isEmpty {
                    // `write` is also this function's name.
                    #if canImport(Glibc)
                        let count = Glibc.write(STDERR_FILENO, start, rest.count)
                    #elseif canImport(Musl)
                        let count = Musl.write(STDERR_FILENO, start, rest.count)
                    #else
                        let count = Darwin.write(STDERR_FILENO, start, rest.count)
                    #endif
                    if count < 0 && errno == EINTR { continue }
                    // A log that cannot be written is lost; there is nowhere to say so.
                    if count <= 0 { return }
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                }
            }
        }
    }
}
