import AMQP
import Synchronization

/// What handlers saw.
final class DeliveryRecord: Sendable {
    private struct State {
        var deliveries: [Delivery] = []
        var running = 0
        var runningMax = 0
    }

    private let state = Mutex(State())

    var deliveries: [Delivery] { state.withLock { $0.deliveries } }
    var ids: [String] { deliveries.map(\.messageID) }
    var count: Int { state.withLock { $0.deliveries.count } }
    var running: Int { state.withLock { $0.running } }
    var runningMax: Int { state.withLock { $0.runningMax } }

    func add(_ deliveries: [Delivery]) { state.withLock { $0.deliveries += deliveries } }

    func begin(_ delivery: Delivery) {
        state.withLock { state in
            state.deliveries.append(delivery)
            state.running += 1
            state.runningMax = max(state.runningMax, state.running)
        }
    }

    func end() { state.withLock { $0.running -= 1 } }
}
