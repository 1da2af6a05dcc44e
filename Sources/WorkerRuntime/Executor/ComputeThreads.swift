import Dispatch

/// Threads for executors, apart from those that renew leases and talk to hub and broker.
///
/// An executor that computes for seconds without a pause would otherwise hold the threads on which heartbeats are sent,
/// and lose the very lease it works under. The class of service gives the queue threads of its own.
final class ComputeThreads: _Concurrency.TaskExecutor {
    static let shared = ComputeThreads()

    private let queue = DispatchQueue(label: "worker.compute", qos: .utility, attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
