import AMQP
import Synchronization

/// How deliveries were settled, in order.
final class Settled: Sendable {
    private let dispositions = Mutex<[Disposition]>([])

    var all: [Disposition] { dispositions.withLock { $0 } }

    func add(_ disposition: Disposition) { dispositions.withLock { $0.append(disposition) } }
}
