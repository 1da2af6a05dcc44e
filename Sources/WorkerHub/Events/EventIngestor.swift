package import AMQP
import CrashPoint
package import Logging
import Metrics
package import ObjectStore
import ServiceLifecycle
import StudioCore
import StudioProto
package import StudioStore

/// Turns workers' reports into rows: a batch of messages, one transaction, then the acknowledgements.
package struct EventIngestor: Service {
    /// Messages taken in one transaction at most.
    static let batchMax = 200
    /// Messages on their way to us at most.
    static let prefetch = 400
    /// How long the first message of a batch waits for others.
    static let batchWait = Duration.milliseconds(3)
    /// Objects looked at side by side.
    static let headsMax = 16
    /// So often a batch is tried while the object store fails, before its reports are taken one by one.
    static let objectTriesMax = 3
    /// The longest pause before a batch is tried again.
    static let pauseMax = Duration.seconds(5)

    private let consumer: AMQPConsumer

    package init(
        broker: AMQPConfiguration, tasks: TaskStore, objects: S3Client, tokens: AttemptTokens, logger: Logger
    ) {
        let desk = ReportDesk(
            decoder: ReportDecoder(tokens: tokens), tasks: tasks, objects: objects, logger: logger)
        consumer = AMQPConsumer(
            configuration: broker, queue: Wire.eventQueue, prefetch: Self.prefetch, batchMax: Self.batchMax,
            batchWait: Self.batchWait, bodyBytesMax: ReportDecoder.bytesMax,
            whenTooLarge: { ReportDesk.countRefused(.tooLarge) }, logger: logger, batchHandler: desk.settle)
    }

    /// Whether reports can arrive.
    package var isConnected: Bool { consumer.isConnected }

    package func run() async throws {
        try await consumer.run()
    }
}

/// Decides what becomes of a batch of messages.
private struct ReportDesk: Sendable {
    let decoder: ReportDecoder
    let tasks: TaskStore
    let objects: S3Client
    let logger: Logger

    static func countRefused(_ reason: ReportDecoder.Refusal) {
        Counter(label: "reports_refused_total", dimensions: [("reason", reason.rawValue)]).increment()
    }

    @Sendable func settle(_ deliveries: [Delivery]) async -> [Disposition] {
        var dispositions = [Disposition](repeating: .accept, count: deliveries.count)
        var reports: [(index: Int, report: ReportDecoder.Report)] = []
        for (index, delivery) in deliveries.enumerated() {
            do {
                reports.append((index, try decoder.decode(delivery.body)))
            } catch {
                // Nothing can be done with it, now or later: it goes where an operator can look at it.
                dispositions[index] = .reject
                logger.warning(
                    "Report refused",
                    metadata: ["reason": "\(error.rawValue)", "message.id": "\(delivery.messageID.prefix(64))"])
                Self.countRefused(error)
            }
        }
        for (index, disposition) in await commit(reports) { dispositions[index] = disposition }
        return dispositions
    }

    /// Writes the reports, however long the database or the object store is away: the broker keeps them meanwhile.
    private func commit(
        _ reports: [(index: Int, report: ReportDecoder.Report)], isAlone: Bool = false
    ) async -> [(Int, Disposition)] {
        guard !reports.isEmpty else { return [] }
        var pause = Duration.milliseconds(100)
        var tries = 0
        while true {
            tries += 1
            do {
                let drafts = try await withKeys(reports.map(\.report))
                let outcomes = try await tasks.apply(drafts)
                CrashPoint.reach(.hubApplied)
                for (report, outcome) in zip(drafts, outcomes) { note(report, outcome) }
                return reports.map { ($0.index, .accept) }
            } catch is CancellationError {
                return reports.map { ($0.index, .requeue) }
            } catch {
                if isHopeless(error) {
                    guard reports.count > 1 else {
                        logger.error("Report cannot be applied", metadata: ["error": "\(error)"])
                        Counter(label: "reports_refused_total", dimensions: [("reason", "not_applicable")]).increment()
                        return reports.map { ($0.index, .reject) }
                    }
                    // One of them poisons the batch: find it by taking them one by one.
                    return await commitEach(reports)
                }
                if error is ObjectStoreError, isAlone || tries == EventIngestor.objectTriesMax {
                    // Perhaps one object only cannot be looked up: its report goes back, and the others are written.
                    if isAlone { return reports.map { ($0.index, .requeue) } }
                    return await commitEach(reports)
                }
                logger.warning("Reports wait", metadata: ["error": "\(error)", "reports": "\(reports.count)"])
                // Whoever shuts down gives them back: the broker hands them to the next hub.
                await cancelWhenGracefulShutdown { [pause] in try? await Task.sleep(for: pause) }
                if Task.isShuttingDownGracefully || Task.isCancelled { return reports.map { ($0.index, .requeue) } }
                pause = min(pause * 2, EventIngestor.pauseMax)
            }
        }
    }

    private func commitEach(
        _ reports: [(index: Int, report: ReportDecoder.Report)]
    ) async -> [(Int, Disposition)] {
        var settled: [(Int, Disposition)] = []
        for report in reports { settled += await commit([report], isAlone: true) }
        return settled
    }

    /// Whether the report itself is at fault: only then is it set aside.
    ///
    /// Trouble of ours, of whatever kind, passes or is mended,
    /// and an outcome that is not known is no reason either: to apply a report again is harmless.
    private func isHopeless(_ error: any Error) -> Bool {
        if let error = error as? ObjectStoreError { return error.code == .invalidRequest }
        return tasks.isHopeless(error)
    }

    private func note(_ report: TaskReport, _ outcome: ReportOutcome) {
        Counter(
            label: "reports_total", dimensions: [("outcome", outcome == .applied ? "applied" : "stale_rejected")]
        ).increment()
        guard outcome == .stale else { return }
        logger.info(
            "Stale report rejected",
            metadata: ["task.id": "\(report.task)", "attempt": "\(report.attempt)", "worker.id": "\(report.worker)"])
    }

    /// Gives each file its key, after a look whether the object is really there.
    private func withKeys(_ reports: [ReportDecoder.Report]) async throws -> [TaskReport] {
        let orders = try await tasks.orders(of: reports.map(\.task))
        return try await withThrowingTaskGroup(of: (Int, TaskReport).self) { group in
            var drafts: [(Int, TaskReport)] = []
            for (index, report) in reports.enumerated() {
                if index >= EventIngestor.headsMax, let draft = try await group.next() { drafts.append(draft) }
                let order = orders[report.task]
                group.addTask { (index, try await self.draft(report, order)) }
            }
            for try await draft in group { drafts.append(draft) }
            return drafts.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func draft(_ report: ReportDecoder.Report, _ order: TaskStore.Order?) async throws -> TaskReport {
        TaskReport(
            task: report.task, attempt: report.attempt, worker: report.worker,
            result: try await result(of: report, order), times: report.times)
    }

    private func result(of report: ReportDecoder.Report, _ order: TaskStore.Order?) async throws -> TaskReport.Result {
        switch report.outcome {
        case .failed(let failure): return .failed(failure)
        case .handedBack: return .handedBack
        case .canceled: return .canceled
        case .completed(let files):
            // A task that is gone with its run: the store will find the report stale.
            guard let order else { return .completed([]) }
            if let spec = order.spec, let failure = report.failure(against: spec, files) { return .failed(failure) }
            var drafts: [ArtifactDraft] = []
            for file in files {
                let key = UploadDesk.key(
                    run: order.run, task: report.task, attempt: report.attempt, name: file.name)
                guard let object = try await objects.head(key: key), object.size == file.size else {
                    return .failed(
                        TaskFailure(
                            .temporary, code: "artifact_missing",
                            detail: "\(file.name) was reported but is not in the object store as reported"))
                }
                drafts.append(
                    ArtifactDraft(
                        name: file.name, objectKey: key, contentType: file.contentType, size: file.size,
                        sha256: file.sha256, media: file.media))
            }
            return .completed(drafts)
        }
    }
}
