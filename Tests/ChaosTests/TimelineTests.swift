import Foundation
import StudioCore
import Testing

@testable import Chaos

@Suite struct TimelineTests {
    private let worker = WorkerID()
    private let orphan = TaskID()

    private func time(_ seconds: Double) -> Date { Date(timeIntervalSinceReferenceDate: seconds) }

    private func success(_ claimed: Double, _ at: Double, task: TaskID = TaskID(), files: Bool = false) -> TaskSuccess {
        TaskSuccess(task: task, claimedAt: time(claimed), at: time(at), hasFiles: files)
    }

    private func fault(
        _ kind: FaultKind, from begin: Double, to end: Double, number: Int = 1, _ workers: [WorkerID] = []
    ) -> FaultRecord {
        FaultRecord(number: number, kind: kind, begin: time(begin), end: time(end), workers: workers)
    }

    private var timeline: ChaosTimeline {
        ChaosTimeline(
            successes: [
                success(101, 112), success(90, 101), success(115, 118, task: orphan), success(119, 125, files: true),
            ],
            takeOvers: [TakeOver(task: orphan, worker: worker, claimedAt: time(95), takenAt: time(115))])
    }

    @Test func `the longest outage counts from the beginning and to the end`() {
        #expect(timeline.longestOutage(from: time(100), to: time(126)) == 11)
        #expect(timeline.longestOutage(from: time(100), to: time(140)) == 15)
        #expect(timeline.longestOutage(from: time(130), to: time(140)) == 10)
    }

    @Test func `throughput counts what ended in the time`() {
        #expect(timeline.throughput(from: time(100), to: time(120)) == 0.15)
        #expect(timeline.throughput(from: time(100), to: time(100)) == 0)
    }

    @Test func `recovery is a success of what was claimed after the fault`() {
        #expect(timeline.recovery(after: fault(.databaseKill, from: 100, to: 103)) == 12)
        #expect(timeline.recovery(after: fault(.storeStall, from: 100, to: 103)) == 25)
        #expect(timeline.recovery(after: fault(.databaseKill, from: 120, to: 123)) == nil)
    }

    @Test func `recovery from a worker's death is a success of what it had`() {
        #expect(timeline.recovery(after: fault(.killWorker, from: 100, to: 101, [worker])) == 18)
        #expect(timeline.recovery(after: fault(.killWorker, from: 100, to: 101, [WorkerID()])) == nil)
        #expect(timeline.recovery(after: fault(.killWorker, from: 119, to: 120, [worker])) == nil)
    }

    @Test func `a take-over is timed from the death, and disturbed by other faults`() {
        let death = fault(.killWorker, from: 100, to: 101, [worker])
        #expect(TakeOverTimes(records: [death], timeline: timeline).all == [15])
        #expect(TakeOverTimes(records: [death], timeline: timeline).undisturbed == [15])
        let other = fault(.databaseKill, from: 110, to: 112, number: 2)
        #expect(TakeOverTimes(records: [death, other], timeline: timeline).undisturbed.isEmpty)
        let before = fault(.databaseKill, from: 80, to: 90, number: 2)
        #expect(TakeOverTimes(records: [death, before], timeline: timeline).undisturbed.isEmpty)
        let harmless = fault(.poisonMessages, from: 110, to: 112, number: 2)
        #expect(TakeOverTimes(records: [death, harmless], timeline: timeline).undisturbed == [15])
        let later = fault(.databaseKill, from: 121, to: 125, number: 2)
        #expect(TakeOverTimes(records: [death, later], timeline: timeline).undisturbed == [15])
    }
}
