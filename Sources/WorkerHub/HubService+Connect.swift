import GRPCCore
import Logging
import Metrics
import StudioCore
import StudioProto
import StudioStore
import SwiftProtobuf

extension HubService {
    /// One stream a worker: heartbeats and progress up; what became of its leases, and what is wanted of it, down.
    func connect(
        request: RPCAsyncSequence<WireWorkerMessage, any Error>, response: RPCWriter<WireHubMessage>,
        context: ServerContext
    ) async throws {
        let outbox = streams.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await message in outbox.messages { try await response.write(message) }
            }
            group.addTask {
                defer { outbox.finish() }
                try await listen(to: request, outbox)
            }
            do { try await group.waitForAll() } catch {
                group.cancelAll()
                throw error
            }
        }
    }

    private func listen(
        to request: RPCAsyncSequence<WireWorkerMessage, any Error>, _ outbox: WorkerStreams.Outbox
    ) async throws {
        var worker: WorkerHello?
        defer { if let worker { streams.remove(outbox, of: worker.id) } }
        // Unknown: what the worker was told on an earlier stream may no longer be so.
        var standing: WorkerStanding?
        for try await message in request {
            switch (message.body, worker) {
            case (.hello(let wire), nil):
                let hello = try WorkerHello(wire)
                try await welcome(hello, outbox)
                worker = hello
            case (.heartbeat(let wire), let hello?):
                let heartbeat = try Heartbeat(wire, of: hello.id)
                let answer = try await answering { try await heartbeats.submit(heartbeat) }
                for message in WireHubMessage.answers(to: heartbeat.pulses, answer.leases) { outbox.send(message) }
                if answer.standing != standing { outbox.send(.standing(answer.standing)) }
                standing = answer.standing
            default:
                throw RPCError(code: .invalidArgument, message: "a stream begins with one hello; heartbeats follow")
            }
        }
        if let worker { logger.info("Worker disconnected", metadata: ["worker.id": "\(worker.id)"]) }
    }

    private func welcome(_ hello: WorkerHello, _ outbox: WorkerStreams.Outbox) async throws {
        try await answering { try await workers.register(hello) }
        logger.info(
            "Worker connected",
            metadata: [
                "worker.id": "\(hello.id)", "worker.name": "\(hello.name)",
                "kinds": "\(hello.kinds.map(\.rawValue).joined(separator: ","))", "slots": "\(hello.slots)",
            ])
        outbox.send(
            WireHubMessage.with {
                $0.welcome = WireWelcome.with { $0.heartbeatSeconds = configuration.heartbeatInterval.seconds }
            })
        streams.register(outbox, of: hello.id)
    }
}

extension WireHubMessage {
    /// What a worker must be told after its heartbeat was written.
    fileprivate static func answers(to pulses: [Pulse], _ outcomes: [LeaseOutcome]) -> [WireHubMessage] {
        func names(_ wanted: Set<LeaseOutcome>) -> [(TaskID, Int)] {
            zip(pulses, outcomes).filter { wanted.contains($1) }.map { pulse, _ in (pulse.task, pulse.attempt) }
        }
        let lost = names([.lost])
        let canceled = names([.canceled])
        // An attempt that has been reported loses its lease by its report being written: nothing went wrong.
        let surprised = zip(pulses, outcomes).count { $1 == .lost && $0.phase != Heartbeat.reportingPhase }
        if surprised > 0 { Counter(label: "leases_lost_total").increment(by: surprised) }
        var messages = [
            WireHubMessage.with { message in
                message.renewed = WireRenewed.with { $0.attempts = wire(names([.renewed, .canceled])) }
            }
        ]
        if !lost.isEmpty {
            messages.append(
                WireHubMessage.with { message in
                    message.leasesLost = WireLeasesLost.with { $0.attempts = wire(lost) }
                })
        }
        if !canceled.isEmpty { messages.append(.cancel(canceled)) }
        return messages
    }

    /// Tells a worker to stop these attempts.
    static func cancel(_ attempts: [(TaskID, Int)]) -> WireHubMessage {
        WireHubMessage.with { message in message.cancel = WireCancelTasks.with { $0.attempts = wire(attempts) } }
    }

    /// Tells a worker whether it is to take work.
    fileprivate static func standing(_ standing: WorkerStanding) -> WireHubMessage {
        WireHubMessage.with { message in
            switch standing {
            case .work: message.resume = WireResume()
            case .hold: message.hold = WireHold()
            case .drain: message.drain = WireDrain()
            }
        }
    }

    private static func wire(_ attempts: [(TaskID, Int)]) -> [WireAttemptName] {
        attempts.map { task, attempt in
            WireAttemptName.with {
                $0.taskID = task.description
                $0.attempt = UInt32(attempt)
            }
        }
    }
}
