package import AMQP
import Foundation
package import ProgramSettings
package import StudioCore
package import SystemPackage

/// Everything a worker must be told, validated.
package struct WorkerConfiguration: Sendable {
    /// The most attempts that one worker makes at a time.
    package static let slotsMax = 64

    package let introduction: WorkerIntroduction
    package let hub: HubEndpoint
    package let broker: AMQPConfiguration
    /// Of this worker alone: a directory below `WORKER_DIRECTORY`, named like the worker.
    package let directory: FilePath
    /// How long attempts may go on after the order to shut down, before they are handed back.
    package var drainGrace: Duration
    package let health: ListenAddress

    /// Reads the environment.
    ///
    /// - `HUB_ADDRESS` (host:port, required): the worker-hub.
    /// - `WORKER_TOKEN` (secret, required): what the hub knows its workers by.
    /// - `HUB_TLS_ENABLED` (default false), `HUB_TLS_CA` (path of a PEM file; the system's CAs when unset).
    /// - `AMQP_URL` (secret, required), `AMQP_TLS_CA` (path of a PEM file, required for `amqps://`).
    /// - `WORKER_KINDS` (comma list, required unless `kinds` is given), `WORKER_SLOTS` (1...64, default 1).
    /// - `WORKER_NAME` (default: host name and kinds), `WORKER_DIRECTORY` (default /var/tmp/ainern2d).
    /// - `WORKER_DRAIN_SECONDS` (0...3600, default 25): for what runs when the worker is told to stop.
    /// - `HEALTH_LISTEN` (host:port, default 127.0.0.1 and the program's own port).
    ///
    /// - Parameters:
    ///   - kinds: from the command line, or what the program always serves.
    ///   - slots: from the command line.
    /// - Throws: ``SettingError``.
    package init(
        _ settings: Settings, kinds: [TaskKind]? = nil, slots: Int? = nil, version: String, healthPort: Int
    ) throws {
        let kinds = try kinds ?? Self.kinds(try settings.required("WORKER_KINDS"))
        guard !kinds.isEmpty else { throw SettingError("WORKER_KINDS", "names no kind of task") }
        let slots = try slots ?? settings.integer("WORKER_SLOTS", in: 1...Self.slotsMax, default: 1)
        guard (1...Self.slotsMax).contains(slots) else {
            throw SettingError("WORKER_SLOTS", "is \(slots), but must be in 1...\(Self.slotsMax)")
        }
        let host = ProcessInfo.processInfo.hostName
        let name = settings.text("WORKER_NAME") ?? "\(host)-\(kinds.map(\.rawValue).joined(separator: "-"))"
        guard let directoryName = FilePath.Component(name), directoryName.kind == .regular else {
            throw SettingError("WORKER_NAME", "is \"\(name)\", but names a directory too, so it may hold no slash")
        }
        introduction = WorkerIntroduction(
            name: name, kinds: kinds, slots: slots, version: version, labels: ["host": host])
        directory = FilePath(settings.text("WORKER_DIRECTORY") ?? "/var/tmp/ainern2d").appending(directoryName)
        drainGrace = .seconds(try settings.integer("WORKER_DRAIN_SECONDS", in: 0...3_600, default: 25))
        hub = try Self.hub(settings)
        broker = try Self.broker(settings, name: name)
        health = try settings.address("HEALTH_LISTEN", default: "127.0.0.1:\(healthPort)")
    }

    /// Reads a comma list of kinds; throws ``SettingError``.
    package static func kinds(_ text: String) throws -> [TaskKind] {
        try text.split(separator: ",").map { part in
            let word = part.trimmingCharacters(in: .whitespaces)
            guard let kind = TaskKind(rawValue: word) else {
                let known = TaskKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw SettingError("WORKER_KINDS", "\"\(word)\" is no kind of task; there are \(known)")
            }
            return kind
        }
    }

    private static func hub(_ settings: Settings) throws -> HubEndpoint {
        let address = try settings.address("HUB_ADDRESS", default: try settings.required("HUB_ADDRESS"))
        guard try settings.boolean("HUB_TLS_ENABLED") else {
            return HubEndpoint(address: address, token: try settings.secret("WORKER_TOKEN"))
        }
        let caPath = settings.text("HUB_TLS_CA")
        if let caPath, !FileManager.default.isReadableFile(atPath: caPath) {
            throw SettingError("HUB_TLS_CA", "\(caPath) cannot be read")
        }
        return HubEndpoint(
            address: address, token: try settings.secret("WORKER_TOKEN"), security: .tls(caPath: caPath))
    }

    private static func broker(_ settings: Settings, name: String) throws -> AMQPConfiguration {
        do {
            return try AMQPConfiguration(
                url: try settings.secret("AMQP_URL"), caCertificatePath: settings.text("AMQP_TLS_CA"),
                connectionName: name)
        } catch let error as AMQPError {
            throw SettingError("AMQP_URL", error.detail)
        }
    }
}

extension WorkerConfiguration {
    /// What was resolved, by variable, without secrets; for `--check-config`.
    package var summary: [(variable: String, value: String)] {
        [
            ("WORKER_NAME", introduction.name),
            ("WORKER_KINDS", introduction.kinds.map(\.rawValue).joined(separator: ",")),
            ("WORKER_SLOTS", "\(introduction.slots)"), ("WORKER_DIRECTORY", directory.string),
            ("WORKER_DRAIN_SECONDS", "\(Int(drainGrace.secondsValue))"), ("HUB_ADDRESS", "\(hub)"),
            ("AMQP_URL", "\(broker)"), ("HEALTH_LISTEN", "\(health)"),
        ]
    }
}
