import Foundation
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// RabbitMQ, with an Erlang port mapper of its own.
struct RabbitMQService: StackService {
    static let user = "ainern2d"

    let name = ServiceName.rabbitmq
    /// The broker takes SIGTERM as the order to stop in good order.
    let stopSignal = SIGTERM
    let stopGrace = Duration.seconds(20)

    private static let mapperName = "epmd"

    private let context: StackContext
    private let server: FilePath
    private let control: FilePath
    private let mapper: FilePath

    init(_ context: StackContext) throws {
        self.context = context
        server = try context.locator.rabbitmq("rabbitmq-server")
        control = try context.locator.rabbitmq("rabbitmqctl")
        mapper = try context.locator.portMapper()
    }

    var port: Int { context.ports.amqp }
    var summary: String { "127.0.0.1:\(port), user \(Self.user), node \(node)" }
    var isFirstStart: Bool { !FileManager.default.fileExists(atPath: directory.appending("mnesia").string) }

    private var directory: FilePath { context.directory("rabbitmq") }
    /// The node's name is unique on the machine, so that two stacks never take each other for a cluster.
    private var node: String {
        let hash = String(FNV.hash(context.configuration.root.string), radix: 36)
        return "ainern2d-\(hash)@localhost"
    }

    /// The variables that bind every Erlang program to this stack: its cookie, its port mapper, its node.
    private var erlang: [String: String] {
        [
            "ERL_EPMD_PORT": "\(context.ports.erlangPortMapper)", "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": node, "RABBITMQ_CONF_ENV_FILE": path("rabbitmq-env.conf"),
        ]
    }

    var plans: [LaunchPlan] {
        [
            LaunchPlan(
                name: Self.mapperName, executable: mapper,
                arguments: ["-address", "127.0.0.1", "-port", "\(context.ports.erlangPortMapper)"],
                environment: context.environment(home: directory), workingDirectory: directory,
                log: context.log(Self.mapperName), exitFile: context.exitFile(Self.mapperName),
                ports: [context.ports.erlangPortMapper]),
            LaunchPlan(
                name: name.rawValue, executable: server,
                environment: context.environment(home: directory, erlang.merging(serverSettings) { $1 }),
                workingDirectory: directory, log: context.log(name.rawValue),
                exitFile: context.exitFile(name.rawValue), ports: [port, context.ports.erlangDistribution]),
        ]
    }

    private var serverSettings: [String: String] {
        [
            "RABBITMQ_CONFIG_FILE": path("rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": path("advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": path("enabled_plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": path("generated"),
            "RABBITMQ_MNESIA_BASE": path("mnesia"),
            "RABBITMQ_LOG_BASE": context.configuration.root.appending("log").string,
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": "\(port)",
            "RABBITMQ_DIST_PORT": "\(context.ports.erlangDistribution)",
            // The start script replaces itself by the broker, so that the pid we see is the broker's.
            "RUNNING_UNDER_SYSTEMD": "true",
            // Schedulers sleep instead of spinning: a laptop has other things to do. Distribution stays on this
            // machine.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
        ]
    }

    func prepare() async throws {
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        let files = [
            "rabbitmq.conf": configuration, "advanced.config": "[].\n", "enabled_plugins": "[].\n",
            "rabbitmq-env.conf": "# Keeps the settings of the system's own broker out.\n",
        ]
        for (file, text) in files { try PrivateFile.write(Data(text.utf8), to: directory.appending(file)) }
        try PrivateFile.write(
            Data(controlScript.utf8), to: directory.appending("rabbitmqctl"),
            mode: [.ownerReadWriteExecute])
    }

    func probe() async -> String? { await Probe.amqp(port: port) }

    private func path(_ file: String) -> String { directory.appending(file).string }

    private var configuration: String {
        """
        # Written anew before every start.
        listeners.tcp.default = 127.0.0.1:\(port)

        # Made at the first start, in the place of guest, whose password everyone knows.
        default_user = \(Self.user)
        default_pass = \(context.secrets.rabbitmq)
        default_user_tags.administrator = true

        # Publishers are blocked below and above these; a laptop has less to give than a server.
        vm_memory_high_watermark.absolute = 1GB
        disk_free_limit.absolute = 200MB
        # A quorum queue's log is held in memory until it is this long; the default of 512 MB is for servers.
        raft.wal_max_size_bytes = 67108864

        # Workers acknowledge a task when they have claimed it, long before this; who does not is stuck.
        consumer_timeout = 1800000

        log.console = true
        log.console.level = info
        log.file = false

        """
    }

    private var controlScript: String {
        let variables = context.environment(home: directory, erlang).filter { $0.key != "PATH" }
        let exports = variables.sorted { $0.key < $1.key }.map { "export \($0.key)='\($0.value)'\n" }.joined()
        return """
            #!/bin/sh
            # Runs rabbitmqctl against the broker of this directory.
            \(exports)exec '\(control)' "$@"

            """
    }
}
