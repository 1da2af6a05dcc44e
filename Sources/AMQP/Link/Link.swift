import BlockingIO
import CRabbitMQ
import DequeModule

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One connection with its one channel, confined to the thread that made it.
///
/// Nothing here is repaired: after any error the link is dropped and another is made. Calls block, each for at most the
/// configured deadline; past it the watchdog shuts the socket down, because version 0.11 of the library can otherwise
/// wait for ever inside a publish.
final class Link {
    /// The library loses frames of other channels while it waits for one: there is only ever this one.
    static let channel: amqp_channel_t = 1
    private static let frameBytesMax: Int32 = 131_072
    /// How long the polite end of a connection may take.
    private static let closeDeadline: Duration = .seconds(1)
    /// How much later than the library's own limit the watchdog acts.
    private static let watchdogSlack: Duration = .seconds(1)
    /// Writes to a closed socket must fail, not kill the process.
    private static let ignoreBrokenPipe: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    let arena = Arena()
    var content = ContentAssembly()
    /// The queues asked by ``get(queue:)``: the answers come in the same order, and do not name them.
    var asked: Deque<String> = []
    /// How many subscriptions there were: each has a tag of its own, see ``consume(queue:)``.
    var subscriptions = 0
    /// The tag of the latest subscription to each queue.
    var tags: [String: ConsumerTag] = [:]
    private let callDeadline: Duration
    private var connection: amqp_connection_state_t?

    /// Connects, logs in and opens the channel.
    /// - Throws: `.connectFailed` or `.accessRefused`, saying which of host, user, password or vhost is to blame.
    init(_ configuration: AMQPConfiguration) throws(AMQPError) {
        Self.ignoreBrokenPipe
        guard let connection = amqp_new_connection() else { throw AMQPError(.connectFailed, "out of memory") }
        self.connection = connection
        callDeadline = configuration.callDeadline
        try openSocket(configuration, connection)
        try logIn(configuration)
        var limit = timeval(configuration.callDeadline)
        amqp_set_rpc_timeout(connection, &limit)
        try call("channel.open") { amqp_channel_open($0, Self.channel) != nil }
    }

    deinit { drop() }

    /// The socket to watch, or -1 once it is gone.
    var descriptor: Int32 { connection.map { amqp_get_sockfd($0) } ?? -1 }

    /// Runs one blocking call under the watchdog, for the deadline of calls or another limit.
    func guarded<T>(
        _ what: String, limit: Duration? = nil, _ body: (amqp_connection_state_t) -> T
    ) throws(AMQPError) -> T {
        guard let connection else { throw AMQPError(.connectionLost, "\(what) on a closed connection") }
        let limit = limit ?? callDeadline
        let (value, fired) = Watchdog.shared.guarding(descriptor, limit: limit) { body(connection) }
        if fired { throw AMQPError(.connectionLost, "\(what) took longer than \(limit)") }
        return value
    }

    /// Runs one remote call: `body` returns whether the library got the answer it wanted.
    func call(_ what: String, _ body: (amqp_connection_state_t) -> Bool) throws(AMQPError) {
        let reply: amqp_rpc_reply_t? = try guarded(what) { body($0) ? nil : amqp_get_rpc_reply($0) }
        if let reply { throw Self.failure(reply, what) }
    }

    /// Ends the connection the polite way, within a second, so that the broker has seen all that was sent.
    func close() {
        if let connection {
            var limit = timeval(Self.closeDeadline)
            amqp_set_rpc_timeout(connection, &limit)
            // Whatever it answers, the connection is over.
            _ = try? guarded("closing", limit: Self.closeDeadline + Self.watchdogSlack) {
                amqp_connection_close($0, AMQP_REPLY_SUCCESS)
            }
        }
        drop()
    }

    /// Ends the connection at once.
    func drop() {
        guard let connection else { return }
        self.connection = nil
        let socket = amqp_get_sockfd(connection)
        if socket >= 0 { _ = shutdown(socket, Int32(SHUT_RDWR)) }
        amqp_destroy_connection(connection)
    }

    private func openSocket(
        _ configuration: AMQPConfiguration, _ connection: amqp_connection_state_t
    ) throws(AMQPError) {
        let address = configuration.address
        let socket = address.usesTLS ? amqp_ssl_socket_new(connection) : amqp_tcp_socket_new(connection)
        guard let socket else { throw AMQPError(.connectFailed, "no socket could be made") }
        if address.usesTLS {
            amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
            let path = configuration.caCertificatePath ?? ""
            guard amqp_ssl_socket_set_cacert(socket, path) == AMQP_STATUS_OK.rawValue else {
                throw AMQPError(.invalidConfiguration, "no CA certificates can be read from \(path)")
            }
        }
        var limit = timeval(configuration.connectTimeout)
        let status = amqp_socket_open_noblock(socket, address.host, Int32(address.port), &limit)
        guard status == AMQP_STATUS_OK.rawValue else { throw Self.unreachable(status, configuration) }
    }

    private func logIn(_ configuration: AMQPConfiguration) throws(AMQPError) {
        let address = configuration.address
        var properties = arena.table([
            FieldEntry("connection_name", .text(configuration.connectionName)),
            // What is not announced the broker does not do: a deleted queue would look like silence.
            FieldEntry(
                "capabilities",
                .table(
                    [
                        "authentication_failure_close", "basic.nack", "connection.blocked", "consumer_cancel_notify",
                        "exchange_exchange_bindings", "publisher_confirms",
                    ].map { FieldEntry($0, .flag(true)) })),
        ])
        var limit = timeval(configuration.connectTimeout)
        // The library's own limit comes first, and tells more.
        let watchdogLimit = configuration.connectTimeout + Self.watchdogSlack
        let reply = try guarded("login", limit: watchdogLimit) { connection in
            amqp_set_handshake_timeout(connection, &limit)
            return CRabbitMQ_login_plain(
                connection, address.vhost, Int32(Self.channel), Self.frameBytesMax,
                Int32(configuration.heartbeat.components.seconds), &properties, address.user, address.password)
        }
        guard reply.reply_type == AMQP_RESPONSE_NORMAL else { throw Self.loginFailure(reply, configuration) }
    }
}

extension timeval {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: .init(seconds), tv_usec: .init(attoseconds / 1_000_000_000_000))
    }
}
