import CrashPoint
package import Logging
import ProgramSettings
import ServiceLifecycle
import Synchronization
import SystemPackage

/// Keeps every report on disk until the broker has confirmed it, and sends it again and again until then: over lost
/// connections, and over the death of this process.
///
/// It holds no more reports than this process and those before it had attempts running: an attempt keeps its slot, or
/// its place among those that upload, until its report is confirmed.
package final class ReportSpool: Service {
    /// How long the last reports may take when the worker shuts down; later ones are sent after the next start.
    package static let flushDuration: Duration = .seconds(5)

    private struct Entry: Sendable {
        let id: String
        let bytes: [UInt8]
    }

    private struct State {
        var waiters: [String: CheckedContinuation<Bool, Never>] = [:]
        var isAbandoned = false
        var pending = 0
    }

    private let directory: SpoolDirectory
    /// What earlier processes left; listed before this one writes its own.
    private let leftovers: [String]
    private let publisher: any ReportPublishing
    private let clock: any WorkerClock
    private let logger: Logger
    private let state = Mutex(State())
    private let entries: AsyncStream<Entry>
    private let feed: AsyncStream<Entry>.Continuation

    /// Opens the spool of a work directory.
    ///
    /// Blocks; call it once at start.
    ///
    /// - Throws: ``SettingError`` naming `WORKER_DIRECTORY` when reports cannot be kept there.
    package init(
        in work: WorkDirectory, publisher: any ReportPublishing, clock: any WorkerClock, logger: Logger
    ) throws {
        directory = try SpoolDirectory(path: work.spool)
        do {
            leftovers = try directory.names()
        } catch {
            throw SettingError(workDirectory: work.spool, error)
        }
        self.publisher = publisher
        self.clock = clock
        self.logger = logger
        (entries, feed) = AsyncStream.makeStream()
    }

    /// The number of reports that the broker has not confirmed yet.
    package var pending: Int { state.withLock { $0.pending } }

    /// Keeps a report and waits until the broker has it.
    ///
    /// - Returns: false when the spool stopped first, or the caller's task was canceled: the report is sent later,
    ///   after a restart if need be.
    package func submit(_ report: AttemptReport) async -> Bool {
        let entry: Entry
        do {
            entry = Entry(id: report.name.description, bytes: try report.encoded())
        } catch {
            logger.error("Report could not be encoded", metadata: ["attempt": "\(report.name)", "error": "\(error)"])
            return false
        }
        do {
            try await Disk.perform { [directory] in try directory.write(entry.bytes, name: entry.id) }
        } catch {
            // A full disk must not keep the hub from hearing of it.
            logger.error(
                "Report could not be kept on disk and is sent from memory",
                metadata: ["attempt": "\(report.name)", "error": "\(error)"])
        }
        CrashPoint.reach(.workerKept)
        state.withLock { $0.pending += 1 }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    guard !state.isAbandoned, !Task.isCancelled else { return false }
                    state.waiters[entry.id] = continuation
                    return true
                }
                feed.yield(entry)
                if !isWaiting { continuation.resume(returning: false) }
            }
        } onCancel: {
            self.resume(entry.id, returning: false)
        }
    }

    /// Lets everybody who waits for a confirm go: the worker must end now.
    package func abandonWaiters() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.isAbandoned = true
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(returning: false) }
    }

    package func run() async throws {
        await feedLeftovers()
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.deliverAll() }
                group.addTask { await self.waitForFlushLimit() }
                await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.feed.finish()
        }
        abandonWaiters()
        let left = pending
        if left > 0 { logger.warning("Reports left for the next start", metadata: ["count": "\(left)"]) }
    }

    private func feedLeftovers() async {
        guard !leftovers.isEmpty else { return }
        logger.notice("Reports of an earlier start are sent again", metadata: ["count": "\(leftovers.count)"])
        for name in leftovers {
            do {
                let bytes = try await Disk.perform { [directory] in try directory.read(name: name) }
                state.withLock { $0.pending += 1 }
                feed.yield(Entry(id: name, bytes: bytes))
            } catch {
                logger.error("Report could not be read", metadata: ["attempt": "\(name)", "error": "\(error)"])
            }
        }
    }

    private func deliverAll() async {
        await withDiscardingTaskGroup { group in
            for await entry in entries {
                group.addTask { await self.deliver(entry) }
            }
        }
    }

    private func waitForFlushLimit() async {
        do {
            try await gracefulShutdown()
            try await clock.sleep(for: Self.flushDuration)
        } catch {
            // Canceled: everything is delivered, or the process must end at once.
        }
    }

    private func deliver(_ entry: Entry) async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                if try await publisher.publish(report: entry.bytes, id: entry.id) { return await confirmed(entry) }
                logger.warning("Report not taken by the broker", metadata: ["attempt": "\(entry.id)"])
            } catch {
                logger.debug("Report not sent", metadata: ["attempt": "\(entry.id)", "error": "\(error)"])
            }
            do { try await clock.sleep(for: backoff.next()) } catch { return }
        }
    }

    private func confirmed(_ entry: Entry) async {
        do {
            try await Disk.perform { [directory] in try directory.remove(name: entry.id) }
        } catch {
            // It will be sent once more after the next start, and the hub calls it stale.
            logger.warning(
                "Confirmed report could not be removed", metadata: ["attempt": "\(entry.id)", "error": "\(error)"])
        }
        state.withLock { $0.pending -= 1 }
        resume(entry.id, returning: true)
    }

    private func resume(_ id: String, returning value: Bool) {
        state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: value)
    }
}
