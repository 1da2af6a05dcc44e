import Foundation
import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Stack {
    /// How long a process without wishes of its own may take to end.
    private static let plainGrace = Duration.seconds(5)

    /// Stops one service and its companions, whatever state they are in; never fails, and works in a cancelled task.
    func stop(
        _ name: ServiceName, in context: StackContext, progress: @Sendable (StackEvent) -> Void
    ) async {
        guard let record = state?.processes[name.rawValue] else { return }
        let begin = ContinuousClock.now
        let service = try? context.service(name)
        if record.isAlive {
            progress(.stopping(name))
            let willing = await record.identity.stop(
                asking: service?.stopSignal ?? SIGTERM, grace: service?.stopGrace ?? Self.plainGrace)
            if !willing {
                logger.warning("A service did not stop when asked, and was killed", metadata: ["service": "\(name)"])
            }
            progress(.stopped(name, after: ContinuousClock.now - begin))
        }
        forget(name.rawValue)
        for plan in (service?.plans ?? []).reversed() where plan.name != name.rawValue {
            await state?.processes[plan.name]?.identity.stop(asking: SIGTERM, grace: Self.plainGrace)
            forget(plan.name)
        }
        service?.cleanUp()
    }

    /// Stops the processes that were started since, and everything that no service claims any more.
    func stopProcesses(notIn before: [String: ProcessRecord]) async {
        for (name, record) in state?.processes ?? [:] where before[name] != record {
            await record.identity.stop(asking: SIGTERM, grace: Self.plainGrace)
            forget(name)
        }
    }

    private func forget(_ process: String) {
        state?.processes[process] = nil
        do {
            try save()
        } catch {
            // The process is gone all the same, and its record is known to be stale by its start time.
            logger.warning("Could not write the state file", metadata: ["error": "\(error)"])
        }
    }
}
