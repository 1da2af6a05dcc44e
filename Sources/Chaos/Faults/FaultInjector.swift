import CrashPoint
import DevStack
import Foundation
import StudioCore
import Synchronization

/// Injects the faults of a schedule at their times, and heals each.
final class FaultInjector: Sendable {
    let studio: ChaosStudio
    let history: History
    private let note: @Sendable (String) -> Void
    private let book = Mutex<[FaultRecord]>([])
    /// Programs that were killed and are not ready again.
    let dead = Mutex<Set<String>>([])

    init(_ studio: ChaosStudio, history: History, note: @escaping @Sendable (String) -> Void) {
        self.studio = studio
        self.history = history
        self.note = note
    }

    /// What has become of the faults so far, in the order of the schedule.
    var records: [FaultRecord] { book.withLock { $0 }.sorted { $0.number < $1.number } }

    /// Injects all of them; returns when every one is healed.
    func run(_ schedule: FaultSchedule) async throws {
        let begin = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for fault in schedule.faults {
                try await Task.sleep(until: begin + .seconds(fault.at))
                group.addTask { await self.inject(fault, since: begin) }
            }
            try await group.waitForAll()
        }
        await healAll()
    }

    private func inject(_ fault: PlannedFault, since begin: ContinuousClock.Instant) async {
        let record = FaultRecord(number: fault.number, kind: fault.kind, begin: Date())
        var injection = Injection(fault: fault, record: record)
        tell(fault, since: begin, "\(fault.kind.rawValue) begins")
        do {
            try await perform(&injection)
        } catch is CancellationError {
            injection.record.outcome = .failed
        } catch {
            injection.record.outcome = .failed
            injection.record.target += " (\(error))"
        }
        injection.record.end = Date()
        let (outcome, target) = (injection.record.outcome, injection.record.target)
        book.withLock { [record = injection.record] in $0.append(record) }
        let word = outcome == .injected ? "healed" : outcome.rawValue
        tell(fault, since: begin, "\(fault.kind.rawValue) \(word): \(target)")
    }

    private func tell(_ fault: PlannedFault, since begin: ContinuousClock.Instant, _ text: String) {
        let now = (ContinuousClock.now - begin) / .seconds(1)
        note("\(String(format: "%6.1f", now)) s  #\(fault.number) \(text)")
    }

    private func perform(_ injection: inout Injection) async throws {
        switch injection.fault.kind {
        case .killAPI: try await kill(ChaosPrograms.api, &injection)
        case .killHub: try await kill(injection.pick(ChaosPrograms.hubs), &injection)
        case .killWorker: try await kill(await victim(of: injection), &injection)
        case .killComposer: try await kill(ChaosPrograms.composer, &injection)
        case .crashPoint: try await crash(at: injection.pick(CrashPoint.allCases), &injection)
        case .stopWorker: try await stop(injection.pick(ChaosPrograms.workers), &injection)
        case .drainWorker: try await restart([injection.pick(ChaosPrograms.workers)], &injection)
        case .rollingRestart: try await restart(ChaosPrograms.names, &injection)
        case .diskFull: try await fillDisk(&injection)
        case .clockJump: try await setClock(&injection)
        case .brokerKill: try await killService(.rabbitmq, &injection)
        case .brokerFreeze: try await freezeBroker(&injection)
        case .brokerAlarm: try await raiseAlarm(&injection)
        case .queuePurge: try await loseQueue(&injection, delete: false)
        case .queueDelete: try await loseQueue(&injection, delete: true)
        case .consumerTimeout: try await limitDeliveries(&injection)
        case .databaseKill: try await killService(.postgres, &injection)
        case .databaseFreeze: try await freezeBackends(&injection)
        case .storeUnavailable: try await spoil(injection.pick(Link.stores), .unavailable, &injection)
        case .storeStall: try await spoil(injection.pick(Link.stores), .silent, &injection)
        case .storeTruncate: try await spoil(injection.pick(Link.stores), .truncated(300), &injection)
        case .storeAnswerLost: try await spoil(injection.pick(Link.stores), .answerLost, &injection)
        case .partition: try await spoil(injection.pick(Link.inner), .silent, &injection)
        case .partitionOneWay:
            let way: LinkFault = injection.fault.choice & (1 << 40) == 0 ? .silentUp : .silentDown
            try await spoil(injection.pick(Link.inner), way, &injection)
        case .linkReset: try await spoil(injection.pick(Link.inner), .reset, &injection)
        case .linkHalfOpen: try await spoil(injection.pick(Link.inner), .halfOpen, &injection)
        case .answersLost: try await spoil(.clientAPI, .answerLost, &injection)
        case .poisonMessages: try await publishGarbage(&injection)
        case .lateReports: try await publishLateReports(&injection)
        case .poisonTask: try await submitPoison(&injection)
        }
    }
}

/// A fault under way.
struct Injection {
    let fault: PlannedFault
    var record: FaultRecord

    /// One of them, by the schedule's choice.
    func pick<Element>(_ list: [Element]) -> Element {
        list[Int(fault.choice % UInt64(list.count))]
    }

    /// Waits as long as the fault lasts; also what was cut short is healed.
    func last() async throws {
        try await Task.sleep(for: .seconds(fault.seconds))
    }
}
