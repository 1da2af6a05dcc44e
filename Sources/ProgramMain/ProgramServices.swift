package import Logging
package import ServiceLifecycle
import UnixSignals

/// The services of a program, and how long they may take to stop.
package struct ProgramServices: Sendable {
    /// How long calls under way may go on after SIGTERM.
    package static let shutdownGrace = Duration.seconds(20)
    /// How long cleaning up may take after that.
    private static let cancellationGrace = Duration.seconds(5)

    private let services: [ServiceGroupConfiguration.ServiceConfiguration]
    private let shutdownGrace: Duration

    /// Takes the services in the order in which they start; they stop in the reverse order.
    ///
    /// - Parameter main: starts last, and may end by itself: the program then ends in good order.
    package init(
        _ services: [any Service], main: (any Service)? = nil, shutdownGrace: Duration = Self.shutdownGrace
    ) {
        // When one fails, the others stop in good order: claims are handed back, and connections closed.
        var list = services.map {
            ServiceGroupConfiguration.ServiceConfiguration(
                service: $0, failureTerminationBehavior: .gracefullyShutdownGroup)
        }
        if let main {
            list.append(
                .init(
                    service: main, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup))
        }
        self.services = list
        self.shutdownGrace = shutdownGrace
    }

    /// Runs the services until SIGTERM, SIGINT, the end of the main one, or the failure of any.
    ///
    /// - Throws: what the failing service threw.
    package func run(logger: Logger) async throws {
        var group = ServiceGroupConfiguration(
            services: [.init(service: SecondSignal())] + services, gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        group.maximumGracefulShutdownDuration = shutdownGrace
        group.maximumCancellationDuration = Self.cancellationGrace
        try await ServiceGroup(configuration: group).run()
    }
}
