import Foundation
import GRPCCore
import ObjectStore
import StudioCore
import StudioProto
import StudioStore
import SwiftProtobuf

extension String {
    /// Reads an identifier of the wire, or refuses the call naming the field.
    func identifier<Kind: IdentifierKind>(_ field: String) throws(RPCError) -> Identifier<Kind> {
        guard let identifier = Identifier<Kind>(self) else {
            throw RPCError(code: .invalidArgument, message: "\(field) is not a \(Kind.prefix)_ identifier")
        }
        return identifier
    }
}

extension UInt32 {
    /// Reads the number of an attempt, or refuses the call naming the field.
    func attempt(_ field: String) throws(RPCError) -> Int {
        guard self < UInt32(Int32.max) else {
            throw RPCError(code: .invalidArgument, message: "\(field) is out of range")
        }
        return Int(self)
    }
}

extension Duration {
    /// The whole of it in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension WireSignedRequest {
    init(_ request: PresignedRequest) {
        self = .with {
            $0.method = request.method
            $0.url = request.url
            $0.headers = request.headers
            // A span and not a time: the worker's clock may be wrong.
            $0.expiresInSeconds = max(0, request.expiresAt.timeIntervalSinceNow)
        }
    }
}

extension WireUploadGrant {
    init(_ grant: UploadDesk.Grant) {
        self = .with { wire in
            switch grant {
            case .single(let request): wire.single = WireSignedRequest(request)
            case .multipart(let uploadID, let partSize, let parts):
                wire.multipart = WireMultipartGrant.with {
                    $0.uploadID = uploadID
                    $0.partSize = partSize
                    $0.parts = parts.map(WireSignedRequest.init)
                }
            }
        }
    }
}

extension WorkerHello {
    /// The longest name or version, in bytes.
    private static let textMax = 200
    private static let slotsMax: UInt32 = 1024

    init(_ wire: WireHello) throws(RPCError) {
        func refusal(_ detail: String) -> RPCError { RPCError(code: .invalidArgument, message: detail) }
        let kinds = wire.kinds.compactMap(TaskKind.init(rawValue:))
        guard !kinds.isEmpty, kinds.count == wire.kinds.count, Set(kinds).count == kinds.count else {
            throw refusal("kinds must name one or more, each once, of \(TaskKind.allCases.map(\.rawValue))")
        }
        guard (1...Self.slotsMax).contains(wire.slots) else { throw refusal("slots must be 1 to \(Self.slotsMax)") }
        func areFine(_ texts: [String], max: Int) -> Bool {
            texts.allSatisfy { $0.utf8.count <= max && !$0.contains("\0") }
        }
        guard areFine([wire.name, wire.version], max: Self.textMax) else {
            throw refusal("name and version have up to \(Self.textMax) bytes")
        }
        let wordMax = WorkerCapabilities.wordMax
        guard wire.labels.count <= WorkerCapabilities.labelsMax, wire.models.count <= WorkerCapabilities.modelsMax,
            (Array(wire.labels.keys) + wire.labels.values + wire.models).allSatisfy(WorkerCapabilities.isWord),
            wire.vramMib <= UInt32(WorkerCapabilities.vramMiBMax)
        else {
            throw refusal(
                "up to \(WorkerCapabilities.labelsMax) labels and \(WorkerCapabilities.modelsMax) models of up to "
                    + "\(wordMax) characters, and up to \(WorkerCapabilities.vramMiBMax) MiB of GPU memory")
        }
        self.init(
            id: try wire.workerID.identifier("worker_id"), name: wire.name, kinds: kinds, slots: Int(wire.slots),
            version: wire.version, labels: wire.labels, models: wire.models, vramMiB: Int(wire.vramMib))
    }
}

extension Heartbeat {
    /// The longest phase or unit, in characters; a longer one is cut.
    private static let wordMax = 64
    /// What a worker says of an attempt whose report is on its way to us.
    static let reportingPhase = "reporting"
    /// What a worker says of attempts that need its slots no more, or not for long.
    private static let slotlessPhases: Set = ["uploading", reportingPhase]

    init(_ wire: WireHeartbeat, of worker: WorkerID) throws(RPCError) {
        guard wire.running.count <= HubConfiguration.attemptsMax else {
            throw RPCError(
                code: .invalidArgument, message: "a heartbeat names up to \(HubConfiguration.attemptsMax) attempts")
        }
        var pulses: [Pulse] = []
        for running in wire.running {
            pulses.append(
                Pulse(
                    task: try running.taskID.identifier("task_id"), attempt: try running.attempt.attempt("attempt"),
                    worker: worker, phase: Self.word(running.phase), done: running.progressDone,
                    total: running.progressTotal, unit: Self.word(running.progressUnit)))
        }
        self.init(
            sighting: WorkerSighting(
                id: worker, running: pulses.count { !Self.slotlessPhases.contains($0.phase) }, draining: wire.draining),
            pulses: pulses)
    }

    private static func word(_ text: String) -> String {
        String(text.prefix(wordMax)).replacing("\0", with: "")
    }
}
