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
    /// What the disk must have free, in bytes, for work to be taken.
    package let freeBytesMin: Int64
    /// How many attempts may upload their files while their slots are given to the next hints.
    package let uploadsMax: Int
    /// How long an executor may report no progress before its attempt is stopped and fails, to be tried again.
    package let noProgressLimit: Duration
    package let health: ListenAddress

    /// Reads the environment.
    ///
    /// - `HUB_ADDRESS` (host:port, required): the worker-hub.
    /// - `WORKER_TOKEN` (secret of 16 characters or more, required): what the hub knows its workers by.
    /// - `HUB_TLS_ENABLED` (default false), `HUB_TLS_CA` (path of a PEM file; the system's CAs when unset).
    /// - `AMQP_URL` (secret, required), `AMQP_TLS_CA` (path of a PEM file, required for `amqps://`).
    /// - `WORKER_KINDS` (comma list, required unless `kinds` is given), `WORKER_SLOTS` (1...64, default 1).
    /// - `WORKER_NAME` (default: host name and kinds), `WORKER_DIRECTORY` (default /var/tmp/ainern2d).
    /// - `WORKER_MODELS` (comma list; any model when unset), `WORKER_VRAM_MIB` (0...1048576, default 0: not known),
    ///   `WORKER_LABELS` (comma list of name=value, beside `host`): which tasks it can do, of those that ask for these.
    /// - `WORKER_DRAIN_SECONDS` (0...3600, default 25): for what runs when the worker is told to stop.
    /// - `WORKER_MIN_FREE_MIB` (0...1048576, default 512): with less free in its directory, it takes no work.
    /// - `WORKER_UPLOADS_MAX` (0...64, default 2): so many attempts may upload without a slot; more keep theirs.
    /// - `WORKER_NO_PROGRESS_SECONDS` (1...3600, default 300): a longer silence of an executor that reports progress
    ///   ends its attempt.
    /// - `HEALTH_LISTEN` (host:port, default 127.0.0.1 and the program's own port).
    ///
    /// - Parameters:
    ///   - kinds: from the command line, or what the program always serves.
    ///   - slots: from the command line.
    /// - Throws: `SettingFaults`, everything that is wrong.
    package init(
        _ settings: Settings, kinds: [TaskKind]? = nil, slots: Int? = nil, version: String, healthPort: Int
    ) throws {
        let host = ProcessInfo.processInfo.hostName
        var faults = SettingFaults()
        let kinds = faults.collect { try kinds ?? Self.kinds(try settings.required("WORKER_KINDS")) }
        let slots = faults.collect { try Self.slots(settings, slots) }
        let name = faults.collect { try Self.name(settings, host, kinds ?? []) }
        let capabilities = faults.collect { try WorkerCapabilities(settings, host: host) }
        let drainSeconds = faults.collect { try settings.integer("WORKER_DRAIN_SECONDS", in: 0...3_600, default: 25) }
        let freeMiB = faults.collect { try settings.integer("WORKER_MIN_FREE_MIB", in: 0...1_048_576, default: 512) }
        let uploadsMax = faults.collect {
            try settings.integer("WORKER_UPLOADS_MAX", in: 0...Self.slotsMax, default: 2)
        }
        let silence = faults.collect {
            try settings.integer("WORKER_NO_PROGRESS_SECONDS", in: 1...3_600, default: 300)
        }
        let health = faults.collect { try settings.address("HEALTH_LISTEN", default: "127.0.0.1:\(healthPort)") }
        let address = faults.collect {
            try settings.address("HUB_ADDRESS", default: try settings.required("HUB_ADDRESS"))
        }
        let token = faults.collect { try settings.key("WORKER_TOKEN") }
        let security = faults.collect { try Self.security(settings) }
        let broker = faults.collect { try Self.broker(settings, name: name?.string ?? host) }
        guard let kinds, let slots, let name, let capabilities, let drainSeconds, let freeMiB, let uploadsMax,
            let silence, let health, let address, let token,
            let security, let broker
        else { throw faults }
        introduction = WorkerIntroduction(
            name: name.string, kinds: kinds, slots: slots, version: version, capabilities: capabilities)
        hub = HubEndpoint(address: address, token: token, security: security)
        self.broker = broker
        directory = FilePath(settings.text("WORKER_DIRECTORY") ?? "/var/tmp/ainern2d").appending(name)
        drainGrace = .seconds(drainSeconds)
        freeBytesMin = Int64(freeMiB) << 20
        self.uploadsMax = uploadsMax
        noProgressLimit = .seconds(silence)
        self.health = health
    }

    /// Reads a comma list of kinds; throws ``SettingError``.
    package static func kinds(_ text: String) throws -> [TaskKind] {
        let kinds = try text.split(separator: ",").map { part in
            let word = part.trimmingCharacters(in: .whitespaces)
            guard let kind = TaskKind(rawValue: word) else {
                let known = TaskKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw SettingError("WORKER_KINDS", "\"\(word)\" is no kind of task; there are \(known)")
            }
            return kind
        }
        guard !kinds.isEmpty else { throw SettingError("WORKER_KINDS", "names no kind of task") }
        return kinds
    }

    private static func slots(_ settings: Settings, _ argument: Int?) throws -> Int {
        guard let argument else { return try settings.integer("WORKER_SLOTS", in: 1...slotsMax, default: 1) }
        guard (1...slotsMax).contains(argument) else {
            throw SettingError("WORKER_SLOTS", "is \(argument), but must be in 1...\(slotsMax)")
        }
        return argument
    }

    private static func name(_ settings: Settings, _ host: String, _ kinds: [TaskKind]) throws -> FilePath.Component {
        let name = settings.text("WORKER_NAME") ?? "\(host)-\(kinds.map(\.rawValue).joined(separator: "-"))"
        guard let component = FilePath.Component(name), component.kind == .regular else {
            throw SettingError("WORKER_NAME", "is \"\(name)\", but names a directory too, so it may hold no slash")
        }
        return component
    }

    private static func security(_ settings: Settings) throws -> HubEndpoint.Security {
        let authority = try settings.file("HUB_TLS_CA")
        if try settings.boolean("HUB_TLS_ENABLED") { return .tls(caPath: authority) }
        guard authority == nil else {
            throw SettingError("HUB_TLS_CA", "is set, but the hub is called in plain text: set HUB_TLS_ENABLED=true")
        }
        return .plaintext
    }

    private static func broker(_ settings: Settings, name: String) throws -> AMQPConfiguration {
        do {
            return try AMQPConfiguration(
                url: try settings.secret("AMQP_URL"), caCertificatePath: try settings.file("AMQP_TLS_CA"),
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
            ("WORKER_SLOTS", "\(introduction.slots)"), ("WORKER_TOKEN", Settings.setSecret),
        ] + introduction.capabilities.summary + [
            ("WORKER_DIRECTORY", directory.string),
            ("WORKER_DRAIN_SECONDS", "\(Int(drainGrace.secondsValue))"),
            ("WORKER_MIN_FREE_MIB", "\(freeBytesMin >> 20)"), ("WORKER_UPLOADS_MAX", "\(uploadsMax)"),
            ("WORKER_NO_PROGRESS_SECONDS", "\(Int(noProgressLimit.secondsValue))"), ("HUB_ADDRESS", "\(hub)"),
            ("HUB_TLS_ENABLED", "\(hub.security != .plaintext)"),
            ("HUB_TLS_CA", hub.security.caPath ?? ""),
            ("AMQP_URL", "\(broker)"), ("AMQP_TLS_CA", broker.caCertificatePath ?? ""),
            ("HEALTH_LISTEN", "\(health)"),
        ]
    }
}
