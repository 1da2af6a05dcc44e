import Logging
import ServiceLifecycle

/// Does `work` again and again until graceful shutdown or cancellation, with the pauses that it asks for.
///
/// A shutdown cuts a pause short, never the work under way.
func repeating(_ work: () async -> Duration) async {
    while !Task.isCancelled && !Task.isShuttingDownGracefully {
        let pause = await work()
        guard pause > .zero else {
            await Task.yield()
            continue
        }
        await cancelWhenGracefulShutdown { try? await Task.sleep(for: pause) }
    }
}

/// Does `work` once in `period`, or as soon as it asks for, until graceful shutdown or cancellation.
///
/// The first of several failures in a row is logged as a warning with `complaint`: that it goes on is no news.
///
/// - Parameter work: answers the pause until it is done again; `nil` for the period.
func repeating(
    every period: Duration, _ complaint: Logger.Message, to logger: Logger, _ work: () async throws -> Duration?
) async {
    var isFailing = false
    await repeating {
        do {
            let pause = try await work()
            isFailing = false
            return pause ?? period
        } catch {
            logger.log(level: isFailing ? .debug : .warning, complaint, metadata: ["error": "\(error)"])
            isFailing = true
            return period
        }
    }
}
