package import Logging
import Metrics
import ServiceLifecycle
package import StudioStore

/// Gives runs up that are not done by their deadline, one after the other, each in a transaction of its own.
package struct DeadlineKeeper: Service {
    /// How late a run is given up at most, as long as there are not many at once.
    static let period = Duration.seconds(1)
    /// Runs found at one look at most.
    static let batchMax = 500

    private let runs: RunStore
    private let logger: Logger

    package init(runs: RunStore, logger: Logger) {
        self.runs = runs
        self.logger = logger
    }

    package func run() async throws {
        var isFailing = false
        await repeating {
            let level: Logger.Level = isFailing ? .debug : .warning
            do {
                isFailing = try await giveUp(level) > 0
            } catch {
                // That it goes on is no news.
                logger.log(level: level, "Overdue runs wait", metadata: ["error": "\(error)"])
                isFailing = true
            }
            return Self.period
        }
    }

    /// Gives up the runs whose deadline has passed; one that cannot be given up keeps no other from it.
    ///
    /// - Parameter level: of what is said of runs that cannot.
    /// - Returns: how many could not be given up.
    @discardableResult
    package func giveUp(_ level: Logger.Level = .warning) async throws -> Int {
        var failures = 0
        for run in try await runs.overdue(limit: Self.batchMax) where !Task.isShuttingDownGracefully {
            do {
                guard try await runs.giveUp(run) else { continue }
                logger.warning("Deadline passed", metadata: ["run.id": "\(run)"])
                Counter(label: "runs_overdue_total").increment()
            } catch {
                failures += 1
                logger.log(
                    level: level, "An overdue run waits", metadata: ["run.id": "\(run)", "error": "\(error)"])
            }
        }
        return failures
    }
}
