import Logging
import StudioCore
import StudioProto
import StudioStore

/// Tells workers at once that a task of theirs was canceled, rather than with their next heartbeats.
///
/// A lost notification costs a few seconds and nothing else: the heartbeat's answer says the same.
struct CancelFeed: Sendable {
    /// Says that tasks may have been canceled; for one reader.
    let notifications: AsyncStream<String>
    let tasks: TaskStore
    let streams: WorkerStreams
    let logger: Logger

    /// Returns when the notifications end, or when its task is canceled.
    func run() async {
        for await _ in notifications {
            do {
                let leases = try await tasks.cancelations(of: streams.workers)
                for (worker, leases) in Dictionary(grouping: leases, by: \.worker) {
                    streams.send(.cancel(leases.map { ($0.task, $0.attempt) }), to: worker)
                }
            } catch {
                logger.warning("Cancels wait for heartbeats", metadata: ["error": "\(error)"])
            }
        }
    }
}
