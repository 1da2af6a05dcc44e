/// What can be done to a studio.
package enum FaultKind: String, Codable, Sendable, CaseIterable {
    // Programs
    case killAPI = "api.kill"
    case killHub = "hub.kill"
    case killWorker = "worker.kill"
    case killComposer = "composer.kill"
    /// Some program dies at a named point, see `CrashPoint`.
    case crashPoint = "crash_point"
    /// A worker is stopped for twice its lease, and then goes on as if nothing had been.
    case stopWorker = "worker.sigstop"
    case drainWorker = "worker.sigterm"
    /// Every program, one after the other, by SIGTERM.
    case rollingRestart = "rolling_restart"
    /// A worker's disk is full.
    case diskFull = "worker.disk_full"
    /// A worker's clock goes wrong by ten minutes, forward or back, while it works.
    case clockJump = "worker.clock"

    // Broker
    case brokerKill = "broker.kill"
    case brokerFreeze = "broker.sigstop"
    case brokerAlarm = "broker.memory_alarm"
    case queuePurge = "broker.queue_purged"
    case queueDelete = "broker.queue_deleted"
    /// The broker takes deliveries back that are held for longer than it likes.
    case consumerTimeout = "broker.consumer_timeout"

    // Database
    case databaseKill = "database.kill"
    /// The processes that serve some of our connections stop.
    case databaseFreeze = "database.frozen_backend"

    // Object store
    case storeUnavailable = "store.503"
    case storeStall = "store.stall"
    case storeTruncate = "store.truncated_body"
    /// What was asked is done, and the answer is lost.
    case storeAnswerLost = "store.answer_lost"

    // Links
    case partition = "link.partition"
    /// What one side sends does not arrive; the other direction works.
    case partitionOneWay = "link.one_way_partition"
    /// Connections are cut, and new ones too.
    case linkReset = "link.reset"
    /// One end of every connection is gone, and the other is not told.
    case linkHalfOpen = "link.half_open"
    /// The API does what a client asks, and the answer is lost.
    case answersLost = "client.answer_lost"

    // Messages
    /// Garbage, unknown versions, 16 MB, unknown tasks, forged reports.
    case poisonMessages = "messages.poison"
    /// Reports of attempts that ended long ago, well signed.
    case lateReports = "messages.late_reports"
    /// A task that kills every worker that has it.
    case poisonTask = "task.poison"
}

/// What a fault needs for itself alone: two faults on one part would hide each other.
enum FaultResource: Hashable, Sendable {
    case api, hubs, composer, workers, disk, clock, crash, broker, database, store, links, client, messages
}
