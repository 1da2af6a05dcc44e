package import Logging
import Metrics
package import ObjectStore
import ServiceLifecycle
package import StudioCore
package import StudioStore

/// Looks whether the objects of visible artifacts are there: some at a time, all of them in turn.
///
/// What is missing cannot be mended here; it is told, so that somebody looks at the store, and has the run done once
/// more.
package actor ArtifactAuditor: Service {
    static let period = Duration.seconds(10)
    /// Artifacts looked at in each period.
    static let sampleSize = 20
    /// More missing ones than this are told again with each turn.
    private static let knownMax = 10_000

    private let artifacts: ArtifactStore
    private let objects: S3Client
    private let logger: Logger
    /// Where the turn is.
    private var last: ArtifactID?
    /// What has been told already.
    private var known: Set<ArtifactID> = []

    package init(artifacts: ArtifactStore, objects: S3Client, logger: Logger) {
        self.artifacts = artifacts
        self.objects = objects
        self.logger = logger
    }

    package func run() async throws {
        await repeating(every: Self.period, "Artifact auditor waits", to: logger) {
            _ = try await audit()
            return nil
        }
    }

    /// Looks at the next artifacts; answers those that are missing, or of another size than their rows say.
    package func audit(limit: Int = ArtifactAuditor.sampleSize) async throws -> [ArtifactID] {
        let sample = try await artifacts.visible(after: last, limit: limit)
        var missing: [ArtifactID] = []
        for artifact in sample {
            let found: StoredObject?
            do {
                found = try await objects.head(key: artifact.objectKey)
            } catch let error as ObjectStoreError where error.httpStatus != nil {
                // The store answers, and not for this one: those behind it are looked at all the same.
                logger.error(
                    "An artifact's object cannot be looked up",
                    metadata: ["artifact": "\(artifact.id)", "key": "\(artifact.objectKey)", "error": "\(error)"])
                Counter(label: "artifacts_unreadable_total").increment()
                continue
            }
            // Its run may have been done once more since it was read, and its object collected.
            if found?.size != artifact.size, try await artifacts.isVisible(artifact.id) {
                missing.append(artifact.id)
                tell(artifact, found?.size)
            }
            Counter(label: "artifacts_audited_total").increment()
        }
        last = sample.count < limit ? nil : sample.last?.id
        return missing
    }

    private func tell(_ artifact: ArtifactStore.Visible, _ size: Int64?) {
        guard !known.contains(artifact.id) else { return }
        if known.count < Self.knownMax { known.insert(artifact.id) }
        Counter(label: "artifacts_missing_total").increment()
        logger.error(
            "An artifact's object is missing",
            metadata: [
                "artifact": "\(artifact.id)", "run.id": "\(artifact.run)", "key": "\(artifact.objectKey)",
                "bytes.expected": "\(artifact.size)", "bytes.found": "\(size.map { "\($0)" } ?? "none")",
            ])
    }
}
