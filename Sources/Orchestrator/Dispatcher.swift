package import AMQP
import CrashPoint
package import Logging
import Metrics
import ServiceLifecycle
import StudioCore
import StudioProto
package import StudioStore
import SwiftProtobuf

/// Sends a hint for every task whose time has come, never more in a lane than its window.
///
/// A hint is not the truth: a lost one is sent again, a repeated one is answered by the claim.
package struct Dispatcher: Service {
    /// How long to wait when there was nothing to do.
    static let idlePause = Duration.milliseconds(40)
    /// The longest pause after a failure.
    static let failurePauseMax = Duration.seconds(5)

    private let tasks: TaskStore
    private let publisher: AMQPPublisher
    private let window: DispatchWindow
    private let logger: Logger

    package init(tasks: TaskStore, publisher: AMQPPublisher, window: DispatchWindow = .standard, logger: Logger) {
        self.tasks = tasks
        self.publisher = publisher
        self.window = window
        self.logger = logger
    }

    package func run() async throws {
        var pause = Self.idlePause
        await repeating {
            do {
                let sent = try await dispatch()
                pause = sent > 0 ? .zero : Self.idlePause
            } catch is CancellationError {
                return .zero
            } catch {
                // That it goes on is no news.
                logger.log(
                    level: pause > Self.idlePause ? .debug : .warning, "Dispatch waits",
                    metadata: ["error": "\(error)"])
                pause = min(max(pause, Self.idlePause) * 2, Self.failurePauseMax)
            }
            return pause
        }
    }

    /// Sends the hints that there is room for; answers how many tasks were picked.
    package func dispatch() async throws -> Int {
        // Without a broker nothing is picked: a hint that cannot be sent would only wait for its expiry.
        guard publisher.isConnected, !publisher.isBlocked else { return 0 }
        let held = try await tasks.holdRetries()
        if held > 0 { Counter(label: "retries_held_total").increment(by: held) }
        let hints = try await tasks.pickHints(in: Lane.all, window: window)
        guard !hints.isEmpty else { return 0 }
        CrashPoint.reach(.dispatcherPicked)
        let outcomes = await publisher.publish(try hints.map(Self.message))
        CrashPoint.reach(.dispatcherPublished)
        var unsent: [Hint] = []
        var isUnroutable = false
        for (hint, outcome) in zip(hints, outcomes) {
            switch outcome {
            case .success(.confirmed): continue
            case .success(.unroutable): isUnroutable = true
            case .success(.refused), .failure: break
            }
            unsent.append(hint)
        }
        Counter(label: "hints_total", dimensions: [("outcome", "confirmed")]).increment(by: hints.count - unsent.count)
        guard !unsent.isEmpty else { return hints.count }
        Counter(label: "hints_total", dimensions: [("outcome", "unsent")]).increment(by: unsent.count)
        logger.warning("Hints not sent", metadata: ["hints": "\(unsent.count)", "unroutable": "\(isUnroutable)"])
        try await tasks.forget(unsent)
        // Somebody deleted a queue: we own the topology, so we make it again.
        if isUnroutable { try await publisher.declare(TaskTopology.topology) }
        return unsent.count == hints.count ? 0 : hints.count
    }

    private static func message(_ hint: Hint) throws -> (AMQPMessage, exchange: String, routingKey: String) {
        let wire = WireTaskMessage.with {
            $0.version = Wire.version
            $0.taskID = hint.task.description
            $0.attempt = UInt32(hint.attempt)
        }
        let message = AMQPMessage(
            body: try wire.serializedBytes(), messageID: "\(hint.task)/\(hint.attempt)", contentType: Wire.contentType,
            type: "TaskMessage")
        return (message, Wire.taskExchange, hint.lane.queue)
    }
}
