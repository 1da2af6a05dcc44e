import Foundation
import StudioCore
import Testing

@testable import studio

@Suite struct StressReportTests {
    @Test func `percentiles are by nearest rank, in milliseconds`() {
        let latency = StressReport.Latency(seconds: (1...100).map { Double($0) / 1000 }.shuffled())
        #expect(latency.p50 == 50)
        #expect(latency.p90 == 90)
        #expect(latency.p99 == 99)
        #expect(latency.max == 100)
    }

    @Test func `nothing measured is zero`() {
        #expect(StressReport.Latency(seconds: []).max == 0)
    }

    @Test func `rates come from the first submission and the last end`() {
        let start = Date(timeIntervalSince1970: 1_000)
        let runs = (0..<10).map { index in
            RunRecord(
                id: RunID(), title: "", state: index == 0 ? .failed : .succeeded, priority: .batch, frames: 0,
                fps: FrameRate(24), width: 2, height: 2, shots: 0, tasks: TaskCounts(),
                createdAt: start.addingTimeInterval(Double(index) * 0.1),
                startedAt: start.addingTimeInterval(Double(index) * 0.1 + 0.05), finishedAt: start.addingTimeInterval(2)
            )
        }
        let report = StressReport(runs: runs, tasks: 1, workers: 2, slots: 1, sleepMilliseconds: 0, enqueueSeconds: 0.5)
        #expect(report.tasksPerSecond == 5)
        #expect(report.enqueuedPerSecond == 20)
        #expect(report.failed == 1)
        #expect(report.submitToStart.p50 == 50)
    }
}
