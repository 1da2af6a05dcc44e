import Metrics
import Synchronization

/// Counts the requests that wait for news, and refuses those that are too many.
final class WaiterGate: Sendable {
    private let count = Mutex(0)
    private let max: Int
    private let gauge = Gauge(label: "live_stream_connections")

    init(max: Int = APILimits.waitersMax) {
        self.max = max
    }

    func enter() throws {
        let entered = count.withLock { count in
            guard count < max else { return 0 }
            count += 1
            return count
        }
        guard entered > 0 else { throw Problem.tooManyWaiters }
        gauge.record(entered)
    }

    func leave() {
        let left = count.withLock { count in
            count -= 1
            return count
        }
        gauge.record(left)
    }
}
