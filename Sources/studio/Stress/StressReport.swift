import Foundation
import StudioCore

/// What a load test found.
struct StressReport: Codable, Sendable {
    /// Times in milliseconds.
    struct Latency: Codable, Sendable {
        let p50: Double
        let p90: Double
        let p99: Double
        let max: Double

        /// Percentiles by nearest rank; zeros for nothing.
        init(seconds: [Double]) {
            let sorted = seconds.sorted()
            func rank(_ part: Double) -> Double {
                guard !sorted.isEmpty else { return 0 }
                let index = Int((part * Double(sorted.count)).rounded(.up)) - 1
                return (sorted[Swift.min(Swift.max(0, index), sorted.count - 1)] * 10_000).rounded() / 10
            }
            p50 = rank(0.5)
            p90 = rank(0.9)
            p99 = rank(0.99)
            max = rank(1)
        }
    }

    let jobs: Int
    /// Of each job.
    let tasks: Int
    let workers: Int
    let slots: Int
    let sleepMilliseconds: Int
    let succeeded: Int
    let failed: Int
    /// Accepted runs a second, by this machine's clock.
    let enqueuedPerSecond: Double
    /// Tasks a second from the first submission to the last end, by the server's clock.
    let tasksPerSecond: Double
    let submitToStart: Latency
    let submitToDone: Latency

    init(
        runs: [RunRecord], tasks: Int, workers: Int, slots: Int, sleepMilliseconds: Int, enqueueSeconds: Double
    ) {
        jobs = runs.count
        self.tasks = tasks
        self.workers = workers
        self.slots = slots
        self.sleepMilliseconds = sleepMilliseconds
        succeeded = runs.count { $0.state == .succeeded }
        failed = runs.count - succeeded
        enqueuedPerSecond = Double(runs.count) / Swift.max(0.001, enqueueSeconds)
        let first = runs.map(\.createdAt).min() ?? Date()
        let last = runs.compactMap(\.finishedAt).max() ?? first
        tasksPerSecond = Double(runs.count * tasks) / Swift.max(0.001, last.timeIntervalSince(first))
        submitToStart = Latency(
            seconds: runs.compactMap { run in run.startedAt?.timeIntervalSince(run.createdAt) })
        submitToDone = Latency(
            seconds: runs.compactMap { run in run.finishedAt?.timeIntervalSince(run.createdAt) })
    }

    private enum CodingKeys: String, CodingKey {
        case jobs, tasks, workers, slots, succeeded, failed
        case sleepMilliseconds = "sleep_ms"
        case enqueuedPerSecond = "enqueued_per_s"
        case tasksPerSecond = "tasks_per_s"
        case submitToStart = "submit_to_start_ms"
        case submitToDone = "submit_to_done_ms"
    }

    var lines: [String] {
        func text(_ name: String, _ latency: Latency) -> String {
            "\(name)  p50 \(latency.p50) ms  p90 \(latency.p90) ms  p99 \(latency.p99) ms  max \(latency.max) ms"
        }
        return [
            "\(Spoken.count(jobs, "job")) of \(Spoken.count(tasks, "task")), "
                + "\(Spoken.count(workers, "worker")) of \(Spoken.count(slots, "slot")): "
                + "\(succeeded) succeeded, \(failed) failed",
            "enqueued      \(Spoken.number(enqueuedPerSecond)) runs/s",
            "end to end    \(Spoken.number(tasksPerSecond)) tasks/s",
            text("submit→start", submitToStart), text("submit→done ", submitToDone),
        ]
    }
}
