import DevStack
import StudioCore
import SystemPackage

/// A worker that a pipeline starts.
struct PipelineWorker: Sendable {
    static let mediaKinds: [TaskKind] = [.video, .audio, .lipsync, .llm]

    let name: String
    var kinds: [TaskKind] = mediaKinds
    var slots = 2
    /// For `MOCK_FAULTS`, `WORKER_DRAIN_SECONDS` and the like.
    var environment: [String: String] = [:]
    /// Where it tells how it is; nil takes any port.
    var healthPort: Int?
}

/// Our programs, as one pipeline runs them: its own ports, secrets and directory.
struct PipelinePrograms: Sendable {
    static let api = "studio-api"
    static let hub = "worker-hub"
    static let composer = "composer"
    static let leaseSeconds = 3

    private static let readinessSeconds = 60.0
    private static let graceSeconds = 30.0

    let directory: FilePath
    let environment: [String: String]
    let apiKey: String
    let hubSecret: String
    let httpPort: Int
    let hubHealthPort: Int
    private let hubPort: Int

    init(directory: FilePath, database: String, broker: String, s3: ObjectStoreEndpoint) throws {
        self.directory = directory
        apiKey = Self.secret()
        hubSecret = Self.secret()
        httpPort = try PipelinePorts.free()
        hubPort = try PipelinePorts.free()
        hubHealthPort = try PipelinePorts.free()
        let endpoints = Endpoints(databaseURL: database, amqpURL: broker, s3: s3)
        let own = [
            "API_KEY": apiKey, "WORKER_TOKEN": Self.secret(), "HUB_SECRET": hubSecret,
            "HUB_ADDRESS": "127.0.0.1:\(hubPort)", "HUB_LEASE_SECONDS": "\(Self.leaseSeconds)",
            "WORKER_DIRECTORY": directory.appending("workers").string, "LOG_LEVEL": "info", "LOG_FORMAT": "text",
            "DATABASE_CONNECTIONS": "4",
        ]
        environment = endpoints.environment().merging(own) { $1 }
    }

    private static func secret() -> String {
        (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    }

    /// The API and the orchestrator; `changes` go over the environment.
    func studioAPI(
        _ name: String = api, port: Int? = nil, changes: [String: String] = [:]
    ) -> ProgramSpecification {
        let port = port ?? httpPort
        return program(name, Self.api, port: port, ["HTTP_HOST": "127.0.0.1", "HTTP_PORT": "\(port)"], changes)
    }

    /// The hub of the workers; another one beside it needs a name and a port for its health, and serves nobody.
    func workerHub(
        _ name: String = hub, port: Int? = nil, changes: [String: String] = [:]
    ) -> ProgramSpecification {
        let health = port ?? hubHealthPort
        let listen = port == nil ? hubPort : 0
        return program(
            name, Self.hub, port: health,
            ["HUB_LISTEN": "127.0.0.1:\(listen)", "HEALTH_LISTEN": "127.0.0.1:\(health)"], changes)
    }

    func filmComposer(changes: [String: String] = [:]) throws -> ProgramSpecification {
        let port = try PipelinePorts.free()
        return program(
            Self.composer, Self.composer, port: port,
            ["HEALTH_LISTEN": "127.0.0.1:\(port)", "WORKER_NAME": Self.composer], changes)
    }

    func workerRuntime(_ worker: PipelineWorker, port: Int? = nil) throws -> ProgramSpecification {
        let port = try port ?? worker.healthPort ?? PipelinePorts.free()
        let own = [
            "EXECUTOR": "mock", "WORKER_KINDS": worker.kinds.map(\.rawValue).joined(separator: ","),
            "WORKER_SLOTS": "\(worker.slots)", "WORKER_NAME": worker.name, "HEALTH_LISTEN": "127.0.0.1:\(port)",
        ]
        return program(worker.name, "worker-runtime", port: port, own, worker.environment)
    }

    private func program(
        _ name: String, _ executable: String, port: Int, _ own: [String: String], _ changes: [String: String] = [:]
    ) -> ProgramSpecification {
        ProgramSpecification(
            name: name, executable: executable,
            environment: environment.merging(own) { $1 }.merging(changes) { $1 }, readinessPort: port,
            readinessSeconds: Self.readinessSeconds, graceSeconds: Self.graceSeconds)
    }
}
