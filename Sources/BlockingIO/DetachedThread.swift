#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// An operating system thread that runs one closure and is never joined.
package enum DetachedThread {
    /// The longest name Linux keeps, in bytes.
    private static let nameBytesMax = 15

    fileprivate final class Start: Sendable {
        private let name: String
        private let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = String(decoding: name.utf8.prefix(nameBytesMax), as: UTF8.self)
            self.body = body
        }

        func run() {
            nameCurrent(name)
            body()
        }
    }

    /// Starts `body` on a thread of its own, named `name` for debuggers and `top -H`.
    package static func start(name: String, _ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let status = pthread_create(&thread, nil, threadMain, start.toOpaque())
        precondition(status == 0, "no thread could be started: error \(status)")
        #if canImport(Darwin)
            if let thread { pthread_detach(thread) }
        #else
            pthread_detach(thread)
        #endif
    }

    /// A number that differs between running threads and is never zero.
    static var currentIdentity: UInt {
        #if canImport(Darwin)
            UInt(bitPattern: pthread_self())
        #else
            UInt(pthread_self())
        #endif
    }

    private static func nameCurrent(_ name: String) {
        #if canImport(Darwin)
            pthread_setname_np(name)
        #else
            // The Glibc module has no `pthread_setname_np`, and `prctl` is variadic.
            let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return }
            _ = write(file, name, name.utf8.count)
            close(file)
        #endif
    }
}

#if canImport(Darwin)
    private func threadMain(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        Unmanaged<DetachedThread.Start>.fromOpaque(context).takeRetainedValue().run()
        return nil
    }
#else
    private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context else { return nil }
        Unmanaged<DetachedThread.Start>.fromOpaque(context).takeRetainedValue().run()
        return nil
    }
#endif
