import Foundation
import SystemPackage

/// One kind of service: what it needs before it starts, how it is started, and how it says that it is there.
protocol StackService: Sendable {
    var name: ServiceName { get }
    /// The port that clients connect to.
    var port: Int { get }
    /// One line for people about where the service is.
    var summary: String { get }
    /// The processes in the order of their start; the last one is the service itself, the others are its companions.
    var plans: [LaunchPlan] { get }
    /// The signal that asks the service itself to finish cleanly, and how long that may take.
    var stopSignal: Int32 { get }
    var stopGrace: Duration { get }
    /// Whether ``prepare()`` has more to do than to write configuration.
    var isFirstStart: Bool { get }

    /// Makes directories and configuration; run before every start, when no process of the service lives.
    func prepare() async throws
    /// Asks the service, once, whether it serves clients; gives its version.
    func probe() async -> String?
    /// Makes what clients expect to find; run after every start.
    func complete() async throws
    /// Removes what the service leaves behind outside its directory; run after every stop.
    func cleanUp()
    /// Whether this way of failing at the start passes by itself, so that starting again is right.
    func isPassingFailure(_ log: String) -> Bool
}

extension StackService {
    func complete() async throws {}

    func cleanUp() {}

    func isPassingFailure(_ log: String) -> Bool { false }
}

/// The directories and settings that every service of one stack shares.
struct StackContext: Sendable {
    let configuration: StackConfiguration
    let ports: StackPorts
    let secrets: StackSecrets
    let locator: ToolLocator

    /// The directory of one service, which holds its data, configuration and log.
    func directory(_ name: String) -> FilePath { configuration.root.appending(name) }

    /// The log file of one process.
    func log(_ name: String) -> FilePath { configuration.root.appending("log/\(name).log") }

    /// The file in which the launcher leaves a process's exit code.
    func exitFile(_ name: String) -> FilePath { configuration.root.appending("log/\(name).exit") }

    /// The environment of a service: a search path and a locale; nothing of the developer's own settings.
    func environment(home: FilePath, _ additions: [String: String] = [:]) -> [String: String] {
        let path = locator.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        return ["PATH": path, "HOME": home.string, "LC_ALL": "C.UTF-8", "TZ": "UTC"].merging(additions) { $1 }
    }

    /// Describes the services of this stack, external or not.
    func service(_ name: ServiceName) throws -> any StackService {
        switch name {
        case .postgres: try PostgresService(self)
        case .rabbitmq: try RabbitMQService(self)
        case .s3: try ObjectStoreService(self)
        }
    }

    /// Where clients find the services that the stack runs itself.
    var ownEndpoints: Endpoints {
        let names = configuration.services
        let database = configuration.database
        return Endpoints(
            databaseURL: names.contains(.postgres)
                ? "postgresql://\(database):\(secrets.postgres)@127.0.0.1:\(ports.postgres)/\(database)" : nil,
            amqpURL: names.contains(.rabbitmq)
                ? "amqp://\(RabbitMQService.user):\(secrets.rabbitmq)@127.0.0.1:\(ports.amqp)/%2F" : nil,
            s3: names.contains(.s3)
                ? ObjectStoreEndpoint(
                    endpoint: "http://127.0.0.1:\(ports.s3)", bucket: configuration.bucket,
                    accessKey: secrets.s3AccessKey, secretKey: secrets.s3SecretKey, region: "us-east-1") : nil,
            rabbitmqctl: names.contains(.rabbitmq) ? directory("rabbitmq").appending("rabbitmqctl").string : nil)
    }

    /// Where clients find every service, with the external ones in the place of the stack's own.
    var endpoints: Endpoints {
        var endpoints = ownEndpoints
        let external = configuration.external.excluding(endpoints)
        endpoints.databaseURL = external.databaseURL ?? endpoints.databaseURL
        endpoints.s3 = external.s3 ?? endpoints.s3
        if let url = external.amqpURL {
            endpoints.amqpURL = url
            endpoints.rabbitmqctl = nil
        }
        return endpoints
    }
}
