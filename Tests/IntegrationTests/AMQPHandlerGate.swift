import Synchronization

/// Holds handlers back until it is opened.
final class HandlerGate: Sendable {
    private let isOpen = Mutex(false)

    func open() { isOpen.withLock { $0 = true } }

    /// Returns whether the task was cancelled meanwhile.
    func pass() async -> Bool {
        while !isOpen.withLock({ $0 }) {
            if Task.isCancelled { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return Task.isCancelled
    }
}
