import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The user's Ctrl-C, or a SIGTERM.
struct Interrupted: Error {
    let signal: Int32
}

/// Runs `body`; on Ctrl-C, SIGTERM or SIGHUP cancels it, waits until it has ended, and throws ``Interrupted``.
///
/// Later signals while it ends are ignored, so that what was started is also stopped.
func interruptible<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
    let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
        // The default action would end the process before the source hears of it.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { continuation.yield(number) }
        source.activate()
        return source
    }
    defer { for source in sources { source.cancel() } }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        let received = Mutex<Int32?>(nil)
        group.addTask { try await body() }
        group.addTask {
            for await number in signals {
                received.withLock { $0 = number }
                break
            }
            return nil
        }
        do {
            while let value = try await group.next() {
                guard let value else {
                    group.cancelAll()
                    continue
                }
                group.cancelAll()
                return value
            }
        } catch {
            group.cancelAll()
            if let number = received.withLock({ $0 }) { throw Interrupted(signal: number) }
            throw error
        }
        throw received.withLock { $0 }.map { Interrupted(signal: $0) } ?? CancellationError()
    }
}
