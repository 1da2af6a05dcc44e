#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The signals that make chaos.
enum Signals {
    static let kill = SIGKILL
    static let stop = SIGSTOP
    static let goOn = SIGCONT
}
