package import Logging
import ServiceLifecycle

/// Whether a program can work: what its probes said last, and in the log each change of that.
package actor ReadinessBoard: Service {
    /// How often the probes are asked when nobody else does.
    static let period = Duration.seconds(10)
    /// How long an answer is used again.
    static let reuse = Duration.seconds(1)
    /// Connections take a moment to come up: what is not ready so soon after the start is not worth a line.
    static let startGrace = Duration.seconds(5)

    private let probes: [ReadinessProbe]
    private let logger: Logger
    private let reuse: Duration
    private let quietUntil: ContinuousClock.Instant
    private var failing: Set<String> = []
    private var last: (at: ContinuousClock.Instant, checks: [ReadinessCheck])?

    package init(_ probes: [ReadinessProbe], logger: Logger) {
        self.init(probes, logger: logger, startGrace: Self.startGrace, reuse: Self.reuse)
    }

    init(_ probes: [ReadinessProbe], logger: Logger, startGrace: Duration, reuse: Duration) {
        self.probes = probes
        self.logger = logger
        self.reuse = reuse
        quietUntil = .now + startGrace
    }

    /// Asks now and then, so that the log tells what changes though nobody else asks.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.period)) != nil { _ = await self.checks() }
        }
    }

    /// What each probe says, in their order; ready when every one is ok.
    package func checks() async -> [ReadinessCheck] {
        if let last, ContinuousClock.now - last.at < reuse { return last.checks }
        let probes = probes
        let failures = await withTaskGroup { group in
            for (index, probe) in probes.enumerated() {
                group.addTask { (index, await probe.failure()) }
            }
            var failures = [(any Error)?](repeating: nil, count: probes.count)
            for await (index, failure) in group { failures[index] = failure }
            return failures
        }
        for (probe, failure) in zip(probes, failures) { note(probe, failure) }
        // Without the text of most errors: this answer is public, and a driver's text may name hosts and users.
        let checks = zip(probes, failures).map { probe, failure in
            let cure = (failure as? ReadinessProbe.Problem)?.description ?? probe.cure
            return ReadinessCheck(name: probe.name, ok: failure == nil, detail: failure == nil ? "" : cure)
        }
        last = (.now, checks)
        return checks
    }

    private func note(_ probe: ReadinessProbe, _ failure: (any Error)?) {
        // A probe that was cut short by the end of the program says nothing.
        guard ContinuousClock.now >= quietUntil, !Task.isCancelled else { return }
        if let failure {
            guard failing.insert(probe.name).inserted else { return }
            logger.warning("Not ready", metadata: ["part": "\(probe.name)", "error": "\(failure)"])
        } else if failing.remove(probe.name) != nil {
            logger.info("Ready again", metadata: ["part": "\(probe.name)"])
        }
    }
}
