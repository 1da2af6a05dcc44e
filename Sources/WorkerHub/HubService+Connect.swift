import GRPCCore
import Logging
import Metrics
import StudioCore
import StudioProto
import StudioStore
import SwiftProtobuf

extension HubService {
    /// One stream a worker: heartbeats and progress up; what became of its leases down.
    func connect(
        request: RPCAsyncSequence<WireWorkerMessage, any Error>, response: RPCWriter<WireHubMessage>,
        context: ServerContext
    ) async throws {
        var worker: WorkerHello?
        for try await message in request {
            switch (message.body, worker) {
            case (.hello(let wire), nil):
                let hello = try WorkerHello(wire)
                try await answering { try await workers.register(hello) }
                logger.info(
                    "Worker connected",
                    metadata: [
                        "worker.id": "\(hello.id)", "worker.name": "\(hello.name)",
                        "kinds": "\(hello.kinds.map(\.rawValue).joined(separator: ","))", "slots": "\(hello.slots)",
                    ])
                worker = hello
                try await response.write(
                    WireHubMessage.with {
                        $0.welcome = WireWelcome.with { $0.heartbeatSeconds = configuration.heartbeatInterval.seconds }
                    })
            case (.heartbeat(let wire), let hello?):
                let heartbeat = try Heartbeat(wire, of: hello.id)
                let outcomes = try await answering { try await heartbeats.submit(heartbeat) }
                for message in Self.messages(for: heartbeat.pulses, outcomes) { try await response.write(message) }
            default:
                throw RPCError(code: .invalidArgument, message: "a stream begins with one hello; heartbeats follow")
            }
        }
        if let worker { logger.info("Worker disconnected", metadata: ["worker.id": "\(worker.id)"]) }
    }

    /// What a worker must be told after its heartbeat was written.
    private static func messages(for pulses: [Pulse], _ outcomes: [LeaseOutcome]) -> [WireHubMessage] {
        func names(_ wanted: Set<LeaseOutcome>) -> [WireAttemptName] {
            zip(pulses, outcomes).filter { wanted.contains($1) }.map { pulse, _ in
                WireAttemptName.with {
                    $0.taskID = pulse.task.description
                    $0.attempt = UInt32(pulse.attempt)
                }
            }
        }
        let lost = names([.lost])
        let canceled = names([.canceled])
        // An attempt that has been reported loses its lease by its report being written: nothing went wrong.
        let surprised = zip(pulses, outcomes).count { $1 == .lost && $0.phase != Heartbeat.reportingPhase }
        if surprised > 0 { Counter(label: "leases_lost_total").increment(by: surprised) }
        var messages = [
            WireHubMessage.with { message in
                message.renewed = WireRenewed.with { $0.attempts = names([.renewed, .canceled]) }
            }
        ]
        if !lost.isEmpty {
            messages.append(
                WireHubMessage.with { message in message.leasesLost = WireLeasesLost.with { $0.attempts = lost } })
        }
        if !canceled.isEmpty {
            messages.append(
                WireHubMessage.with { message in message.cancel = WireCancelTasks.with { $0.attempts = canceled } })
        }
        return messages
    }
}
