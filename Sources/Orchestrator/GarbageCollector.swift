package import FoundationEssentials
package import Logging
import Metrics
package import ObjectStore
import ServiceLifecycle
import StudioCore
package import StudioStore

/// Deletes the objects that no artifact's row shows and none ever will: what attempts uploaded that came to nothing, or
/// whose artifacts were given up when their run was done once more.
///
/// A worker uploads first and reports then; only the report makes the row. So an object without a row is garbage only
/// if its report can no longer be accepted, and the rows tell: a report counts while its attempt is the newest of the
/// task and has the lease, which is over for good once it is over (`ArtifactStore.standings(of:)`). Each batch is
/// judged by one statement right before it is deleted. What that statement calls dead stays dead, so that nothing which
/// happens between the statement and the deletion, a late report included, can make one of these objects visible. What
/// a worker without a lease uploads afterwards is found by a later look.
///
/// Three more things stand between a mistake and a film: nothing younger than twice the longest lease is touched,
/// whatever the rows say; nothing of a task that the database does not know, as the wrong or a restored database would
/// know none; and a look deletes so much at most.
package struct GarbageCollector: Service {
    /// From the end of one look to the next one.
    package static let period = Duration.seconds(15 * 60)
    /// Programs that are started again and again shall not look each time.
    static let firstPause = Duration.seconds(60)
    /// The longest lease that a hub can be told to grant (`HUB_LEASE_SECONDS`).
    static let leaseMax = Duration.seconds(TaskLease.secondsRange.upperBound)
    /// By the clock of the object store.
    package static let ageMin = leaseMax * 2
    /// Between two pages of the listing: some thousand objects a second at most.
    static let pagePause = Duration.milliseconds(200)
    /// One look deletes this many objects, and gives up this many uploads, and then ends after its page.
    static let deletionsMax = 20_000
    /// A look at which so many deletions have failed ends with the next one that does.
    static let failuresMax = 100

    private let artifacts: ArtifactStore
    private let objects: S3Client
    private let prefix: String
    private let ageMin: Duration
    private let now: @Sendable () -> Date
    private let logger: Logger

    /// - Parameters:
    ///   - prefix: only objects whose keys begin so are looked at.
    ///   - now: the wall clock that ages are told by.
    package init(
        artifacts: ArtifactStore, objects: S3Client, prefix: String = ObjectKey.prefix, ageMin: Duration = Self.ageMin,
        now: @escaping @Sendable () -> Date = { .now }, logger: Logger
    ) {
        self.artifacts = artifacts
        self.objects = objects
        self.prefix = prefix
        self.ageMin = ageMin
        self.now = now
        self.logger = logger
    }

    package func run() async throws {
        var isFirst = true
        await repeating(every: Self.period, "Garbage collector waits", to: logger) {
            guard !isFirst else {
                isFirst = false
                return Self.firstPause
            }
            _ = try await collect()
            return nil
        }
    }

    /// Looks at every object once.
    ///
    /// - Parameter dryRun: only counts.
    package func collect(dryRun: Bool = false) async throws -> GarbageReport {
        var report = GarbageReport(isDryRun: dryRun)
        try await collectObjects(&report)
        try await collectUploads(&report)
        Gauge(label: "garbage_unknown_objects").record(report.unknown)
        logger.log(
            level: report.objects + report.uploads + report.failed > 0 ? .notice : .debug,
            dryRun ? "Garbage counted" : "Garbage collected",
            metadata: [
                "objects": "\(report.objects)", "bytes": "\(report.bytes)", "uploads": "\(report.uploads)",
                "unknown": "\(report.unknown)", "failed": "\(report.failed)", "listed": "\(report.listed)",
            ])
        return report
    }

    /// When an object was made that is just old enough.
    private var horizon: Date { now().addingTimeInterval(-(ageMin / .seconds(1))) }

    private func collectObjects(_ report: inout GarbageReport) async throws {
        var continuation: String?
        while true {
            let page = try await objects.page(prefix: prefix, continuation: continuation)
            report.listed += page.objects.count
            try await collect(page.objects, &report)
            // A token that does not move on would have us ask for ever.
            guard let next = page.continuation, next != continuation else { return }
            guard report.objects < Self.deletionsMax, !Task.isShuttingDownGracefully else {
                report.isPartial = true
                return
            }
            continuation = next
            try await Task.sleep(for: Self.pagePause)
        }
    }

    private func collect(_ listed: [StoredObject], _ report: inout GarbageReport) async throws {
        let horizon = horizon
        let old = listed.filter { object in object.modifiedAt.map { $0 < horizon } ?? false }
        let named = old.compactMap { object in ObjectKey(object.key).map { (key: $0, object: object) } }
        let standings = try await artifacts.standings(of: named.map(\.key))
        report.unknown += old.count - named.count + standings.count { $0 == .unknown }
        var dead = zip(named, standings).filter { $1 == .dead }.map(\.0.object)
        if !report.isDryRun, !dead.isEmpty {
            let failures = try await objects.delete(keys: dead.map(\.key))
            for failure in failures {
                logger.warning(
                    "Garbage stays",
                    metadata: ["key": "\(failure.key)", "error": "\(failure.s3Code): \(failure.message)"])
            }
            let kept = Set(failures.map(\.key))
            dead.removeAll { kept.contains($0.key) }
            report.failed += kept.count
            Counter(label: "garbage_objects_total").increment(by: dead.count)
            Counter(label: "garbage_bytes_total").increment(by: dead.reduce(0) { $0 + $1.size })
        }
        report.objects += dead.count
        report.bytes += dead.reduce(0) { $0 + $1.size }
    }

    /// One that the store does not give up keeps no other from its turn; a store that gives up none is left alone.
    private func giveUp(_ upload: MultipartUpload, _ report: inout GarbageReport) async throws {
        if !report.isDryRun {
            do {
                try await objects.abortMultipart(key: upload.key, uploadID: upload.uploadID)
            } catch let error as ObjectStoreError {
                report.failed += 1
                guard report.failed < Self.failuresMax else { throw error }
                logger.warning("Garbage stays", metadata: ["key": "\(upload.key)", "error": "\(error)"])
                return
            }
            Counter(label: "garbage_uploads_total").increment()
        }
        report.uploads += 1
    }

    /// Gives up the multipart uploads that no attempt can complete any more; their parts take room that no listing
    /// shows.
    private func collectUploads(_ report: inout GarbageReport) async throws {
        let horizon = horizon
        // Some stores list nothing for a part of a key.
        let old = try await objects.listMultipartUploads().filter { upload in
            upload.key.hasPrefix(prefix) && upload.initiatedAt.map { $0 < horizon } ?? false
        }
        let named = old.compactMap { upload in ObjectKey(upload.key).map { (key: $0, upload: upload) } }
        report.unknown += old.count - named.count
        for start in stride(from: 0, to: min(named.count, Self.deletionsMax), by: S3Client.pageLimit) {
            let batch = named[start..<min(start + S3Client.pageLimit, named.count)]
            let standings = try await artifacts.standings(of: batch.map(\.key))
            for (item, standing) in zip(batch, standings) {
                switch standing {
                case .live: continue
                case .unknown: report.unknown += 1
                // Of a visible object too: that one is whole, and an upload besides is not it.
                case .visible, .dead:
                    guard !Task.isShuttingDownGracefully else {
                        report.isPartial = true
                        return
                    }
                    try await giveUp(item.upload, &report)
                }
            }
        }
    }
}
