extension FaultKind {
    /// What the fault has for itself while it lasts.
    var resources: Set<FaultResource> {
        switch self {
        case .killAPI: [.api, .client]
        case .killHub: [.hubs]
        case .killComposer: [.composer]
        case .killWorker, .stopWorker, .drainWorker, .poisonTask: [.workers]
        case .crashPoint: [.crash]
        case .rollingRestart: [.api, .hubs, .composer, .workers, .crash, .disk]
        case .diskFull: [.disk]
        case .clockJump: [.clock]
        case .brokerKill, .brokerFreeze, .brokerAlarm, .queuePurge, .queueDelete, .consumerTimeout: [.broker]
        case .databaseKill, .databaseFreeze: [.database]
        case .storeUnavailable, .storeStall, .storeTruncate, .storeAnswerLost: [.store, .links]
        case .partition, .partitionOneWay, .linkReset, .linkHalfOpen: [.links]
        case .answersLost: [.client, .api]
        case .poisonMessages, .lateReports: [.messages]
        }
    }

    /// How long it lasts, in seconds, besides what it takes to heal it.
    func seconds(lease: Double) -> ClosedRange<Double> {
        switch self {
        case .killWorker: 0.2...0.5
        case .killAPI, .killHub, .killComposer, .poisonMessages, .lateReports, .queuePurge,
            .queueDelete, .linkHalfOpen, .linkReset:
            1...2
        case .crashPoint: 10...15
        case .stopWorker: 2 * lease...2 * lease
        case .drainWorker: 1...5
        case .rollingRestart: 15...20
        case .diskFull: 5...15
        case .clockJump: 10...30
        case .brokerKill: 1...4
        case .brokerFreeze: 5...15
        case .brokerAlarm: 5...10
        case .consumerTimeout: 25...30
        case .databaseKill: 1...3
        case .databaseFreeze: 5...10
        case .storeUnavailable, .storeTruncate, .storeAnswerLost: 5...10
        case .storeStall: 5...30
        case .partition, .partitionOneWay: 5...20
        case .answersLost: 3...6
        case .poisonTask: 30...40
        }
    }

    /// How often it is drawn, compared with the others.
    var weight: Int {
        switch self {
        case .killWorker: 6
        case .crashPoint: 5
        case .partition, .partitionOneWay: 4
        case .killHub, .killAPI, .stopWorker, .linkReset, .linkHalfOpen, .lateReports, .poisonMessages: 3
        case .storeUnavailable, .storeTruncate, .storeAnswerLost, .databaseKill, .databaseFreeze, .answersLost,
            .killComposer, .drainWorker, .storeStall, .brokerFreeze, .queuePurge, .queueDelete:
            2
        case .brokerKill, .brokerAlarm, .rollingRestart, .diskFull, .clockJump, .consumerTimeout, .poisonTask: 1
        }
    }
}
