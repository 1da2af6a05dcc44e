import Logging
import ServiceLifecycle

/// Runs the consumers that feed an intake; when it is shut down, it sees through what runs.
struct IntakeService: Service {
    let intake: Intake
    /// Each hands its deliveries to ``Intake/handle(_:_:)``, and ends only when all of them are handled.
    let consumers: [any Service]

    private var runner: AttemptRunner { intake.runner }

    /// Consumes until shut down, or drained by the hub; returns when nothing runs any more.
    func run() async throws {
        let group = ServiceGroup(configuration: .init(services: consumers, logger: runner.logger))
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try await group.run()
                return true
            }
            tasks.addTask {
                await runner.attempts.drainRequested()
                await group.triggerGracefulShutdown()
                return false
            }
            tasks.addTask {
                await limitShutdown()
                return false
            }
            for try await areConsumersDone in tasks where areConsumersDone { tasks.cancelAll() }
        }
    }

    /// Waits for the order to shut down, then sees to it that nothing runs longer than it may.
    private func limitShutdown() async {
        let attempts = runner.attempts
        do {
            try await gracefulShutdown()
            attempts.drain()
            runner.logger.notice("Worker stops taking work", metadata: ["running": "\(attempts.count)"])
            try await runner.clock.sleep(for: intake.drainGrace)
            runner.logger.notice("Attempts are handed back", metadata: ["running": "\(attempts.count)"])
            attempts.stopAll(.handBack)
            try await runner.clock.sleep(for: ReportSpool.flushDuration)
            runner.spool.abandonWaiters()
        } catch {
            // Canceled: nothing runs any more, or the process must end at once.
        }
    }
}
