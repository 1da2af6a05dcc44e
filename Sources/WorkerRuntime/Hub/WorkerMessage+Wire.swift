import StudioCore
import StudioProto

extension WireWorkerMessage {
    init(hello introduction: WorkerIntroduction, worker: WorkerID) {
        var hello = WireHello()
        hello.workerID = worker.description
        hello.name = introduction.name
        hello.kinds = introduction.kinds.map(\.rawValue)
        hello.slots = UInt32(introduction.slots)
        hello.version = introduction.version
        hello.labels = introduction.capabilities.labels
        hello.models = introduction.capabilities.models
        hello.vramMib = UInt32(introduction.capabilities.vramMiB)
        self.init()
        self.hello = hello
    }

    init(running: [AttemptName: Progress], isDraining: Bool) {
        var heartbeat = WireHeartbeat()
        heartbeat.running = running.map { name, progress in
            var attempt = WireRunningAttempt()
            attempt.taskID = name.task.description
            attempt.attempt = UInt32(name.attempt)
            attempt.phase = progress.phase
            attempt.progressDone = Int64(progress.done)
            attempt.progressTotal = Int64(progress.total)
            attempt.progressUnit = progress.unit
            return attempt
        }
        heartbeat.draining = isDraining
        self.init()
        self.heartbeat = heartbeat
    }
}

extension AttemptName {
    /// Reads the wire form; `nil` when the identifier is none.
    init?(_ name: WireAttemptName) {
        guard let task = TaskID(name.taskID) else { return nil }
        self.init(task: task, attempt: Int(name.attempt))
    }
}
