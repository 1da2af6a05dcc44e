package import Logging
package import ObjectStore
package import Telemetry

/// What the API needs of the rest of the program.
package struct APIServices: Sendable {
    /// Makes a link to an object that works for a while, without asking the store.
    package typealias Link =
        @Sendable (_ key: String, _ expires: Duration, _ contentDisposition: String) throws -> String

    package let repository: any RunRepository
    package let link: Link
    package let readiness: ReadinessBoard
    /// The process' metrics in Prometheus' text format.
    package let metricsText: @Sendable () -> String

    package init(
        repository: any RunRepository, link: @escaping Link, probes: [ReadinessProbe] = [], logger: Logger,
        metricsText: @escaping @Sendable () -> String = { "" }
    ) {
        self.repository = repository
        self.link = link
        readiness = ReadinessBoard(probes, logger: logger)
        self.metricsText = metricsText
    }

    /// The services over a bucket: links are signed for it, and it is ready when the database and the bucket answer.
    package init(
        repository: any RunRepository, objects: S3Client, logger: Logger,
        metricsText: @escaping @Sendable () -> String, moreProbes: [ReadinessProbe] = []
    ) {
        self.init(
            repository: repository,
            link: { key, expires, disposition in
                objects.presignGet(key: key, expires: expires, contentDisposition: disposition).url
            },
            probes: [
                .database { try await repository.ping() }, .objectStore { try await objects.probe() },
            ] + moreProbes,
            logger: logger, metricsText: metricsText)
    }
}
