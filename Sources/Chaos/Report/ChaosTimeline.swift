import Foundation
import StudioCore

/// A task that succeeded, with when its last attempt began.
struct TaskSuccess: Sendable, Hashable {
    let task: TaskID
    let claimedAt: Date
    let at: Date
    /// Whether it made files, so that the object store had a part in it.
    let hasFiles: Bool
}

/// An attempt whose worker was not heard of any more, and the next one.
struct TakeOver: Sendable, Hashable {
    let task: TaskID
    /// Who had it, and was not heard of.
    let worker: WorkerID
    let claimedAt: Date
    /// When somebody else had it.
    let takenAt: Date
}

/// When tasks succeeded and were taken over, on the database's clock, which is this machine's.
struct ChaosTimeline: Sendable {
    /// In the order of their ends.
    let successes: [TaskSuccess]
    let takeOvers: [TakeOver]

    init(successes: [TaskSuccess], takeOvers: [TakeOver]) {
        self.successes = successes.sorted { $0.at < $1.at }
        self.takeOvers = takeOvers
    }

    /// The longest time between two successes, or between one and the ends of the time looked at, in seconds.
    func longestOutage(from begin: Date, to end: Date) -> Double {
        let times = [begin] + successes.map(\.at).filter { $0 > begin && $0 < end } + [end]
        return zip(times, times.dropFirst()).map { $1.timeIntervalSince($0) }.max() ?? 0
    }

    /// Tasks that succeeded each second.
    func throughput(from begin: Date, to end: Date) -> Double {
        let seconds = end.timeIntervalSince(begin)
        guard seconds > 0 else { return 0 }
        return Double(successes.count { $0.at > begin && $0.at <= end }) / seconds
    }

    /// From a fault to the first success that depended on what it broke, in seconds; nil when none did.
    ///
    /// A fault that killed workers: the success of a task that one of them had. A fault of the object store: of a task
    /// that makes files and was claimed after the fault. Any other: of a task that was claimed after the fault, so that
    /// the whole way from hint to commit worked once more.
    func recovery(after fault: FaultRecord) -> Double? {
        let success: TaskSuccess?
        switch fault.kind {
        case .killWorker, .killComposer, .stopWorker:
            let orphans = Set(
                takeOvers.lazy.filter { fault.workers.contains($0.worker) && $0.takenAt > fault.begin }.map(\.task))
            success = successes.first { $0.at > fault.begin && orphans.contains($0.task) }
        case .storeUnavailable, .storeStall, .storeTruncate, .storeAnswerLost, .diskFull:
            success = successes.first { $0.claimedAt > fault.begin && $0.hasFiles }
        case .poisonTask: success = nil
        default: success = successes.first { $0.claimedAt > fault.begin }
        }
        return success.map { $0.at.timeIntervalSince(fault.begin) }
    }

    /// From a worker's death to the moments when others had its tasks, in seconds.
    func takeOverTimes(after fault: FaultRecord) -> [Double] {
        guard [.killWorker, .killComposer].contains(fault.kind) else { return [] }
        return takeOvers.filter {
            fault.workers.contains($0.worker) && $0.claimedAt < fault.begin && $0.takenAt > fault.begin
        }.map { $0.takenAt.timeIntervalSince(fault.begin) }
    }
}
