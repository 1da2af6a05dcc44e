import BlockingIO
import CPostgres
import Synchronization

/// Asks the server to stop what a connection is doing, from a thread of its own because the asking may block.
enum CancelRequest {
    /// The most requests that may be on their way; a server that answers none of them is not asked again.
    private static let outstandingMax = 8
    private static let outstanding = Atomic<Int>(0)

    /// Sends a request without waiting for it; it may have no effect.
    static func send(for connection: OpaquePointer) {
        guard outstanding.load(ordering: .relaxed) < outstandingMax, let pointer = PQgetCancel(connection) else {
            return
        }
        // Only the new thread uses it from here on.
        nonisolated(unsafe) let request = pointer
        outstanding.add(1, ordering: .relaxed)
        DetachedThread.start(name: "postgres-cancel") {
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
                _ = PQcancel(request, message.baseAddress, Int32(message.count))
            }
            PQfreeCancel(request)
            outstanding.subtract(1, ordering: .relaxed)
        }
    }
}
