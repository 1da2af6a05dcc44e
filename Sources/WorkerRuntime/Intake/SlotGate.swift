import StudioCore
import Synchronization

/// Lets at most so many attempts run; those that a person waits for go first.
final class SlotGate: Sendable {
    /// The gate was closed: nobody gets through any more.
    struct Closed: Error {}

    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var free: Int
        var nextID: UInt64 = 0
        var isClosed = false
        var waiters: [TaskPriority: [Waiter]] = [:]

        mutating func popFirst() -> Waiter? {
            for priority in [TaskPriority.interactive, .batch] {
                if let first = waiters[priority]?.first {
                    waiters[priority]?.removeFirst()
                    return first
                }
            }
            return nil
        }

        mutating func remove(_ id: UInt64) -> Waiter? {
            for (priority, waiting) in waiters {
                if let index = waiting.firstIndex(where: { $0.id == id }) {
                    return waiters[priority]?.remove(at: index)
                }
            }
            return nil
        }
    }

    private let state: Mutex<State>

    /// - Parameter slots: 1 or more.
    init(slots: Int) {
        precondition(slots >= 1, "a worker has at least one slot")
        state = Mutex(State(free: slots))
    }

    /// How many wait for a slot.
    var waiting: Int { state.withLock { $0.waiters.values.reduce(0) { $0 + $1.count } } }

    /// Waits for a slot, which is given back by ``leave()``.
    ///
    /// - Throws: ``Closed``, or `CancellationError`; then there is nothing to give back.
    func enter(_ priority: TaskPriority) async throws {
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.isClosed { return .failure(Closed()) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.free > 0 {
                        state.free -= 1
                        return .success(())
                    }
                    state.waiters[priority, default: []].append(Waiter(id: id, continuation: continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.remove(id) }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    func leave() {
        let next = state.withLock { state in
            let next = state.popFirst()
            if next == nil { state.free += 1 }
            return next
        }
        next?.continuation.resume()
    }

    /// Lets nobody in any more; those who wait are turned away.
    func close() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.isClosed = true
            return state.waiters.values.flatMap { $0 }
        }
        for waiter in waiters { waiter.continuation.resume(throwing: Closed()) }
    }
}
