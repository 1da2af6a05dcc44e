import BlockingIO
import Synchronization

extension Pool {
    /// Stands in line until a slot is handed over, the deadline, or the task's cancellation.
    func waitForTurn(until deadline: ContinuousClock.Instant) async -> Turn {
        let waiter = contents.withLock { contents in
            contents.lastWaiter += 1
            return contents.lastWaiter
        }
        var alarm: Watchdog.Alarm?
        let turn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = contents.withLock { contents in
                    let answer = contents.state.request(waiter)
                    if answer == .wait { contents.waiters[waiter] = continuation }
                    return answer
                }
                switch answer {
                case .granted(let grant): continuation.resume(returning: .granted(grant))
                case .refused(let refusal): continuation.resume(returning: .refused(refusal))
                case .wait:
                    alarm = Watchdog.shared.arm(after: deadline - .now) { [self] in settle(waiter, .expired) }
                    // A cancellation that came before the waiter was in line found nothing to withdraw.
                    if Task.isCancelled { settle(waiter, .cancelled) }
                }
            }
        } onCancel: {
            settle(waiter, .cancelled)
        }
        if let alarm { Watchdog.shared.disarm(alarm) }
        return turn
    }

    /// Ends a wait that has not ended yet.
    private func settle(_ waiter: PoolState.Waiter, _ turn: Turn) {
        let continuation = contents.withLock { contents in
            contents.state.withdraw(waiter) ? contents.waiters.removeValue(forKey: waiter) : nil
        }
        continuation?.resume(returning: turn)
    }
}
