import Foundation
import StudioCore
import Testing

@testable import studio

@Suite struct TableTests {
    @Test func `columns are as wide as their widest cell`() {
        var table = Table("A", "LONG")
        table.add("wide", "x")
        table.add("y", "")
        #expect(table.lines == ["A     LONG", "wide  x", "y"])
    }

    @Test func `a column that stands empty is left out`() {
        var table = Table("A")
        table.add("1")
        table.add("2")
        table.addColumn("B", ["", ""])
        #expect(table.lines == ["A", "1", "2"])
        table.addColumn("B", ["", "x"])
        #expect(table.lines == ["A  B", "1", "2  x"])
    }

    @Test func `labels of a worker are shown but for its host`() {
        func labels(_ labels: [String: String]) -> String {
            let worker = WorkerRecord(
                id: WorkerID(), name: "w", kinds: [.video], state: .active, slots: 1, busy: 0, startedAt: Date(),
                lastSeenAt: Date(), capabilities: WorkerCapabilities(models: [], vramMiB: 0, labels: labels))
            return WorkerListCommand.labels(of: worker)
        }
        #expect(labels(["host": "gpu1"]) == "")
        #expect(labels(["zone": "eu", "host": "gpu1", "disk": "fast"]) == "disk=fast,zone=eu")
    }

    @Test func `a worker in quarantine says for how long, and why`() {
        func state(_ state: WorkerRecord.State, until: Date?) -> String {
            let worker = WorkerRecord(
                id: WorkerID(), name: "w", kinds: [.video], state: state, slots: 1, busy: 0, startedAt: Date(),
                lastSeenAt: Date(), quarantinedUntil: until, quarantineCode: until == nil ? nil : "executor_failed")
            return WorkerListCommand.state(of: worker, now: Date(timeIntervalSince1970: 1_000))
        }
        #expect(state(.active, until: nil) == "active")
        let until = Date(timeIntervalSince1970: 1_040)
        #expect(state(.quarantined, until: until) == "quarantined for 40 s (executor_failed)")
    }

    @Test func `what a run cost is told by shot in the film's order, then what belongs to none, then in all`() {
        func times(_ attempts: Int, _ seconds: Double) -> SpentTimes {
            SpentTimes(attempts: attempts, queue: 0, load: 0, compute: seconds, upload: 0, wasted: 0)
        }
        let shots = ["a": times(2, 4), "b": times(1, 2)]
        func rows(total: SpentTimes, shots: [String: SpentTimes], order: [String]) -> [[Substring]] {
            RunSpentCommand.table(SpentRecord(run: RunID(), total: total, shots: shots), shots: order).lines
                .dropFirst().map { $0.split(separator: "  ").filter { !$0.isEmpty } }
                .map { cells in [0, 1, 4].map { cells[$0].drop { $0 == " " } } }
        }
        #expect(
            rows(total: times(4, 9), shots: shots, order: ["b", "a", "unmade"]) == [
                ["b", "1", "2.0 s"], ["a", "2", "4.0 s"], ["(no shot)", "1", "3.0 s"], ["total", "4", "9.0 s"],
            ])
        #expect(rows(total: times(3, 6), shots: shots, order: ["a", "b"]).map(\.[0]) == ["a", "b", "total"])
    }
}
