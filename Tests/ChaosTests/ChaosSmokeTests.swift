import Foundation
import StudioCore
import SystemPackage
import Testing

@testable import Chaos

/// A short chaos on real programs and services: that it finds nothing, and that it had something to find.
@Suite struct ChaosSmokeTests {
    /// One that brings many kinds early.
    private static let seed: UInt64 = 4
    private static let seconds = 90
    private static let pause = 3.0
    private static let faultsMin = 15
    /// A task that kills three workers takes longer than all the rest.
    private static let kinds = FaultKind.allCases.filter { $0 != .poisonTask }

    @Test(.timeLimit(.minutes(6))) func `90 seconds of chaos lose nothing and do nothing twice`() async throws {
        let name = "chaos-smoke-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        let directory = FilePath(FileManager.default.temporaryDirectory.path).appending(name)
        let configuration = ChaosConfiguration(
            seconds: Self.seconds, seed: Self.seed, directory: directory, kinds: Self.kinds, pause: Self.pause)
        let report = try await ChaosRun(configuration) { _ in }.run()
        let text = report.lines.joined(separator: "\n")

        #expect(report.isPassed, "\(text)")
        #expect(report.lost.isEmpty)
        #expect(report.duplicated.isEmpty)
        #expect(report.violations.isEmpty)
        #expect(report.faults.reduce(0) { $0 + $1.injected } >= Self.faultsMin, "\(text)")
        #expect(report.tasks.succeeded > 0)
        #expect(report.evidence.takeOvers > 0, "nobody had to take anything over:\n\(text)")
        // What failed is there to be looked at.
        if report.isPassed { try FileManager.default.removeItem(atPath: directory.string) }
    }
}
