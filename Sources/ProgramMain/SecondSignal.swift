import Dispatch
import Foundation
import ServiceLifecycle
import Synchronization

/// Ends the process at once when it is told to stop a second time.
///
/// The first SIGTERM or SIGINT is the service group's: it shuts down in good order. Leases and the spool make the
/// sudden end safe.
package struct SecondSignal: Service {
    /// What a shell answers for a process that a signal ended, less the signal's number.
    private static let exitCodeBase: Int32 = 128

    private let end: @Sendable (Int32) -> Void

    /// - Parameter end: gets the exit code.
    package init(end: @escaping @Sendable (Int32) -> Void = { _exit($0) }) {
        self.end = end
    }

    package func run() async throws {
        let count = Mutex(0)
        let sources = [SIGTERM, SIGINT].map { signal in
            let source = DispatchSource.makeSignalSource(signal: signal, queue: .global())
            source.setEventHandler { [end] in
                let total = count.withLock { count in
                    count += Int(source.data)
                    return count
                }
                if total > 1 { end(Self.exitCodeBase + signal) }
            }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        // Stays while the others shut down; it is stopped last, being the first of its group.
        try? await gracefulShutdown()
    }
}
