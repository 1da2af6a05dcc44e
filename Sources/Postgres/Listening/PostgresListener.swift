package import Logging
import ServiceLifecycle

/// Hears NOTIFY on some channels over a connection of its own.
///
/// A notification is a hint to look at the tables, never a fact: those sent while the connection is down are lost. So
/// every channel is reported once after each connect, and whoever listens must also look now and then by itself.
package final class PostgresListener: Service, Sendable {
    /// Unread hints beyond these say nothing new.
    static let buffering = AsyncStream<String>.Continuation.BufferingPolicy.bufferingNewest(256)
    private static let backoff = (first: Duration.milliseconds(100), longest: Duration.seconds(5))

    /// The names of the channels that were notified, for one reader; ends with `run()`.
    package let notifications: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let parameters: ConnectionParameters
    private let channels: [String]
    private let logger: Logger

    /// - Parameter channels: names of a-z, 0-9 and `_`.
    package init(
        configuration: PostgresClient.Configuration, channels: [String], logger: Logger
    ) throws(PostgresError) {
        guard channels.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(PostgresClient.Configuration.isPlain) }) else {
            throw PostgresError(.invalidConfiguration, "a channel's name may hold only a-z, 0-9 and _")
        }
        parameters = try ConnectionParameters(configuration)
        self.channels = channels
        self.logger = logger
        (notifications, continuation) = AsyncStream.makeStream(bufferingPolicy: Self.buffering)
    }

    /// Listens until graceful shutdown or cancellation, connecting again whenever the connection breaks.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Self.backoff.first
            while !Task.isCancelled {
                do {
                    try await self.listen { pause = Self.backoff.first }
                } catch {
                    self.logger.warning("Postgres listener not connected", metadata: ["error": "\(error)"])
                }
                try? await ContinuousClock().sleep(for: pause * Double.random(in: 0.5...1))
                pause = min(pause * 2, Self.backoff.longest)
            }
        }
        continuation.finish()
    }

    private func listen(_ whenConnected: () -> Void) async throws(PostgresError) {
        let connection = ListeningConnection()
        try await connection.open(parameters, channels: channels)
        whenConnected()
        for channel in channels { continuation.yield(channel) }
        for await channel in connection.channels { continuation.yield(channel) }
        await connection.close()
    }
}
