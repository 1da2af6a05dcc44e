import CrashPoint
import DevStack
import Foundation
import StudioCore
import SystemPackage

/// Our programs as chaos runs them: every way between them, and to the services, leads through the proxy.
struct ChaosPrograms: Sendable {
    static let api = "studio-api"
    static let hubs = ["worker-hub-a", "worker-hub-b"]
    static let composer = "composer"
    static let loadWorkers = ["noop-a", "noop-b", "noop-c"]
    static let mediaWorkers = ["media-a", "media-b"]
    static let workers = loadWorkers + mediaWorkers
    /// The worker whose disk can be filled.
    static let smallDisk = "media-b"
    /// The worker whose clock can be wrong.
    static let wrongClock = "noop-c"
    static let names = [api] + hubs + [composer] + workers

    /// Every sort of failure that an executor can have by itself comes now and then.
    private static let mockFaults = "latency=10ms..150ms,fail=2%,oom=0.5%,corrupt=0.5%"
    private static let loadSlots = 4
    private static let readinessSeconds = 90.0
    private static let graceSeconds = 40.0
    private static let media: [TaskKind] = [.video, .audio, .lipsync, .llm]

    let directory: FilePath
    let apiKey = Self.secret()
    let hubSecret = Self.secret()
    /// Where each program tells how it is: its health, and its metrics.
    let healthPorts: [String: Int]
    /// Where the hubs listen for workers.
    let hubPorts: [Int]
    /// nil where there is no library for it.
    let clock: WrongClock?
    private let environment: [String: String]
    private let leaseSeconds: Int?

    init(_ configuration: ChaosConfiguration, endpoints: Endpoints, proxy: FaultProxy) throws {
        directory = configuration.directory
        leaseSeconds = configuration.leaseSeconds
        clock = try WrongClock.make(in: configuration.directory)
        let ports = try ChaosPorts.free(Self.names.count + Self.hubs.count)
        healthPorts = Dictionary(uniqueKeysWithValues: zip(Self.names, ports))
        hubPorts = Array(ports.suffix(Self.hubs.count))
        environment = endpoints.environment().merging(
            [
                "API_KEY": apiKey, "WORKER_TOKEN": Self.secret(), "HUB_SECRET": hubSecret,
                "HUB_ADDRESS": "127.0.0.1:\(proxy.port(of: .workerHub))", "LOG_LEVEL": "info", "LOG_FORMAT": "text",
                "S3_ENDPOINT": Self.store(proxy, .controlStore), "S3_PUBLIC_ENDPOINT": Self.store(proxy, .workerStore),
                "DATABASE_CONNECTIONS": "4", CrashPoint.variable: configuration.crashPoints.string,
                "TASK_DEATHS_MAX": "\(configuration.deathsMax)",
            ]) { $1 }
        links = try Links(endpoints, proxy)
        try connect(proxy, to: endpoints)
    }

    /// The URLs by which programs reach services through the proxy.
    private struct Links {
        let apiDatabase: String
        let hubDatabase: String
        let apiBroker: String
        let hubBroker: String
        let workerBroker: String

        init(_ endpoints: Endpoints, _ proxy: FaultProxy) throws {
            func url(_ url: String?, _ link: Link) throws -> String {
                var parts = try ChaosPrograms.parts(url)
                parts.host = "127.0.0.1"
                parts.port = proxy.port(of: link)
                return parts.string ?? ""
            }
            apiDatabase = try url(endpoints.databaseURL, .apiDatabase)
            hubDatabase = try url(endpoints.databaseURL, .hubDatabase)
            apiBroker = try url(endpoints.amqpURL, .apiBroker)
            hubBroker = try url(endpoints.amqpURL, .hubBroker)
            workerBroker = try url(endpoints.amqpURL, .workerBroker)
        }
    }

    private let links: Links

    /// In the order of their start.
    var specifications: [ProgramSpecification] {
        [studioAPI] + hubList + [worker(Self.composer, executable: "composer", kinds: nil, slots: 1)]
            + Self.loadWorkers.map { worker($0, kinds: [.noop], slots: Self.loadSlots) }
            + Self.mediaWorkers.map { worker($0, kinds: Self.media, slots: 1) }
    }

    /// Where workers keep scratch files and spools.
    func workDirectory(of worker: String) -> FilePath { directory.appending("workers-\(worker)") }

    private var studioAPI: ProgramSpecification {
        program(
            Self.api, executable: Self.api,
            [
                "HTTP_HOST": "127.0.0.1", "HTTP_PORT": "\(healthPorts[Self.api] ?? 0)",
                "DATABASE_URL": links.apiDatabase, "AMQP_URL": links.apiBroker,
            ])
    }

    private var hubList: [ProgramSpecification] {
        zip(Self.hubs, hubPorts).map { name, port in
            var own = [
                "HUB_LISTEN": "127.0.0.1:\(port)", "HEALTH_LISTEN": "127.0.0.1:\(healthPorts[name] ?? 0)",
                "DATABASE_URL": links.hubDatabase, "AMQP_URL": links.hubBroker,
            ]
            own["HUB_LEASE_SECONDS"] = leaseSeconds.map { "\($0)" }
            return program(name, executable: "worker-hub", own)
        }
    }

    private func worker(
        _ name: String, executable: String = "worker-runtime", kinds: [TaskKind]?, slots: Int
    ) -> ProgramSpecification {
        var own = [
            "WORKER_NAME": name, "WORKER_SLOTS": "\(slots)", "WORKER_DIRECTORY": workDirectory(of: name).string,
            "HEALTH_LISTEN": "127.0.0.1:\(healthPorts[name] ?? 0)", "AMQP_URL": links.workerBroker,
            "WORKER_MIN_FREE_MIB": "\(DiskVolume.roomMiB)",
        ]
        if let kinds {
            own["EXECUTOR"] = "mock"
            own["MOCK_FAULTS"] = Self.mockFaults
            own["WORKER_KINDS"] = kinds.map(\.rawValue).joined(separator: ",")
        }
        if name == Self.wrongClock, let clock { own.merge(clock.environment) { $1 } }
        return program(name, executable: executable, own)
    }

    private func program(_ name: String, executable: String, _ own: [String: String]) -> ProgramSpecification {
        ProgramSpecification(
            name: name, executable: executable, environment: environment.merging(own) { $1 },
            readinessPort: healthPorts[name], readinessSeconds: Self.readinessSeconds,
            graceSeconds: Self.graceSeconds)
    }

    /// Tells the proxy where everything is.
    private func connect(_ proxy: FaultProxy, to endpoints: Endpoints) throws {
        let database = try Self.port(endpoints.databaseURL)
        let broker = try Self.port(endpoints.amqpURL)
        let store = try Self.port(endpoints.s3?.endpoint)
        for link in Link.allCases {
            switch link {
            case .clientAPI: proxy.connect(link, to: [healthPorts[Self.api] ?? 0])
            case .apiDatabase, .hubDatabase: proxy.connect(link, to: [database])
            case .apiBroker, .hubBroker, .workerBroker: proxy.connect(link, to: [broker])
            case .workerHub: proxy.connect(link, to: hubPorts)
            case .controlStore, .workerStore: proxy.connect(link, to: [store])
            }
        }
    }

    private static func store(_ proxy: FaultProxy, _ link: Link) -> String {
        "http://127.0.0.1:\(proxy.port(of: link))"
    }

    private static func port(_ url: String?) throws -> Int {
        guard let port = try parts(url).port else { throw ChaosError("a service's URL names no port") }
        return port
    }

    private static func parts(_ url: String?) throws -> URLComponents {
        guard let parts = url.flatMap({ URLComponents(string: $0) }) else {
            throw ChaosError("a service's URL cannot be read")
        }
        return parts
    }

    private static func secret() -> String {
        (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    }
}
