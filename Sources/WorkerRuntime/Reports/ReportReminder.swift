import Logging
import ServiceLifecycle

/// Sends reports once more that the broker has taken and the hub does not write: they may have been lost with their
/// queue.
///
/// One that comes twice changes nothing the second time.
struct ReportReminder: Service {
    private static let period: Duration = .seconds(5)

    let attempts: RunningAttempts
    let spool: ReportSpool
    let clock: any WorkerClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await clock.sleep(for: Self.period)) != nil {
                for report in attempts.overdueReports(at: clock.now) {
                    logger.warning(
                        "Report is sent again, as the hub has not written it", metadata: ["attempt": "\(report.name)"])
                    _ = await spool.submit(report)
                }
            }
        }
    }
}
