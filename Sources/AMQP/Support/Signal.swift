import Synchronization

/// Wakes the one task that waits on it; raised while nobody waits, it is remembered once.
final class Signal: Sendable {
    private enum State {
        case idle
        case raised
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.idle)

    func raise() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            switch state {
            case .waiting(let waiter):
                state = .idle
                return waiter
            case .idle, .raised:
                state = .raised
                return nil
            }
        }
        waiter?.resume()
    }

    /// Returns when the signal is raised, or at once when the task is cancelled: loops check for that.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isRaised = state.withLock { state in
                    if case .raised = state {
                        state = .idle
                        return true
                    }
                    if Task.isCancelled { return true }
                    if case .waiting = state { preconditionFailure("a signal has one waiter") }
                    state = .waiting(waiter)
                    return false
                }
                if isRaised { waiter.resume() }
            }
        } onCancel: {
            release()
        }
    }

    /// Like ``wait()``, but for no longer than `limit`.
    func wait(atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    private func release() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard case .waiting(let waiter) = state else { return nil }
            state = .idle
            return waiter
        }
        waiter?.resume()
    }
}
