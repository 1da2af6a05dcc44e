import AMQP
import Synchronization

/// Keeps a consumer paused as long as anything speaks against taking work.
final class IntakeValve: Sendable {
    /// What speaks against it.
    enum Obstacle: Hashable {
        /// The disk is full, or has not been looked at yet.
        case disk
        /// What the executor calls upon is down, or is being tried with one attempt.
        case endpoint
        /// The hub wants nothing new to be taken.
        case hub
    }

    private let consumer: AMQPConsumer
    private let obstacles: Mutex<Set<Obstacle>>

    /// Pauses the consumer for these to begin with.
    init(_ consumer: AMQPConsumer, obstacles: Set<Obstacle>) {
        self.consumer = consumer
        self.obstacles = Mutex(obstacles)
        if !obstacles.isEmpty { consumer.pause() }
    }

    func set(_ obstacle: Obstacle, _ isThere: Bool) {
        // Under the lock, or two that change at once could leave the consumer in the older state.
        obstacles.withLock { obstacles in
            if isThere { obstacles.insert(obstacle) } else { obstacles.remove(obstacle) }
            if obstacles.isEmpty { consumer.resume() } else { consumer.pause() }
        }
    }
}
