import AMQP
import CrashPoint
import Logging
import StudioCore

/// Makes granted attempts, one call for each, and sees their reports through.
struct AttemptRunner: Sendable {
    /// How long work that was asked to stop may take to do so before the hub is told without it.
    static let stopGrace: Duration = .seconds(10)

    let worker: WorkerID
    /// What people know the worker by.
    let workerName: String
    let executor: any TaskExecutor
    let hub: any HubCalling
    let transfers: any FileTransferring
    let directory: WorkDirectory
    let room: DiskRoom
    /// An attempt whose executor reports no progress for so long is stopped, and fails.
    let noProgressLimit: Duration
    let spool: ReportSpool
    let attempts: RunningAttempts
    let clock: any WorkerClock
    let logger: Logger

    /// Makes the attempt and reports it.
    ///
    /// - Parameters:
    ///   - askedAt: when the claim was sent, from which the lease counts.
    ///   - releaseSlot: gives the attempt's slot to the next hint; false when it must keep it.
    /// - Returns: what becomes of the hint.
    func run(
        _ grant: Grant, askedAt: Duration, releaseSlot: @escaping @Sendable () -> Bool
    ) async -> Disposition {
        guard let stops = attempts.begin(grant.name, lease: grant.lease, askedAt: askedAt) else { return .accept }
        var logger = logger
        logger[metadataKey: "task.id"] = "\(grant.name.task)"
        logger[metadataKey: "attempt"] = "\(grant.name.attempt)"
        logger.debug("Attempt begins")
        WorkerMetrics.attemptBegan()
        defer {
            attempts.end(grant.name)
            WorkerMetrics.attemptEnded()
        }
        let stopwatch = Stopwatch(clock)
        let work = AttemptWork(
            grant: grant, executor: executor, hub: hub, transfers: transfers, directory: directory,
            room: room, attempts: attempts, noProgressLimit: noProgressLimit, clock: clock, stopwatch: stopwatch,
            releaseSlot: releaseSlot)
        let disposition = await conclude(grant, stopwatch, logger) { announce in
            await AttemptRace(
                grant: grant, askedAt: askedAt, noProgressLimit: noProgressLimit, attempts: attempts, clock: clock
            ).run(stops: stops, announce: announce) { try await work.run() }
        }
        do {
            try await directory.remove(grant.name)
        } catch {
            logger.warning("Attempt's directory could not be removed", metadata: ["error": "\(error)"])
        }
        return disposition
    }

    private enum Turn: Sendable {
        case ended(AttemptVerdict)
        /// The work was asked to stop, and has not in time.
        case unstoppable(StopReason)
        case quiet
    }

    /// Runs the race and acts on its verdict; on none but the first, when work goes on that was asked to stop.
    ///
    /// Returns only when the work has really ended: until then it holds its slot, unless it has given that away.
    private func conclude(
        _ grant: Grant, _ stopwatch: Stopwatch, _ logger: Logger,
        _ race: @escaping @Sendable (_ announce: @escaping @Sendable (StopReason) -> Void) async -> AttemptVerdict
    ) async -> Disposition {
        let (stopped, announcement) = AsyncStream.makeStream(of: StopReason.self)
        return await withTaskGroup(of: Turn.self) { group in
            group.addTask {
                let verdict = await race { announcement.yield($0) }
                announcement.finish()
                return .ended(verdict)
            }
            group.addTask {
                for await reason in stopped {
                    do { try await clock.sleep(for: Self.stopGrace) } catch { return .quiet }
                    return .unstoppable(reason)
                }
                return .quiet
            }
            var disposition: Disposition?
            for await turn in group {
                switch turn {
                case .quiet: break
                case .ended(let verdict):
                    group.cancelAll()
                    if disposition == nil { disposition = await act(on: verdict, grant, stopwatch, logger) }
                case .unstoppable(let reason):
                    logger.error("Executor does not stop", metadata: ["reason": "\(reason.rawValue)"])
                    let verdict = AttemptVerdict(unstoppable: reason, noProgressLimit: noProgressLimit)
                    disposition = await act(on: verdict, grant, stopwatch, logger)
                }
            }
            return disposition ?? .requeue
        }
    }

    private func act(
        on verdict: AttemptVerdict, _ grant: Grant, _ stopwatch: Stopwatch, _ logger: Logger
    ) async -> Disposition {
        let kind = (try? grant.spec.get().kind)?.rawValue ?? "unknown"
        switch verdict {
        case .silence:
            logger.notice("Attempt given up")
            WorkerMetrics.count(kind: kind, outcome: "given_up")
            return .accept
        case .interrupted:
            WorkerMetrics.count(kind: kind, outcome: "interrupted")
            return .requeue
        case .report(let plain):
            let result = noteRoom(plain)
            log(result, to: logger)
            WorkerMetrics.count(kind: kind, outcome: result.outcome)
            WorkerMetrics.record(stopwatch.times, of: result, kind: kind)
            attempts.note(.reporting, of: grant.name)
            let report = AttemptReport(
                name: grant.name, worker: worker, token: grant.token, result: result, times: stopwatch.times)
            CrashPoint.reach(.workerUploaded)
            guard await spool.submit(report) else { return .requeue }
            CrashPoint.reach(.workerReported)
            attempts.noteReported(report, at: clock.now)
            return .accept
        }
    }

    /// A full disk is this worker's fault: it takes no more work for now, and the failure says where it was.
    private func noteRoom(_ result: AttemptResult) -> AttemptResult {
        guard case .failed(let failure) = result, failure.code == TaskFailure.diskFullCode else { return result }
        room.lost(in: directory.attempts)
        return .failed(
            TaskFailure(
                failure.errorClass, code: failure.code,
                detail: "worker \(workerName), \(directory.attempts): \(failure.detail)",
                retryAfterSeconds: failure.retryAfterSeconds))
    }

    private func log(_ result: AttemptResult, to logger: Logger) {
        guard case .failed(let failure) = result else {
            logger.info("Attempt ended", metadata: ["outcome": "\(result.outcome)"])
            return
        }
        logger.warning(
            "Attempt failed",
            metadata: [
                "class": "\(failure.errorClass.rawValue)", "code": "\(failure.code)", "detail": "\(failure.detail)",
            ])
    }
}
