import BlockingIO
import CPostgres

/// A connection that only listens: its thread sleeps until the server says something.
actor ListeningConnection {
    /// How often the connection is looked at when nothing arrives.
    private static let checkInterval = Duration.seconds(30)

    /// The channels that were notified; ends when the connection breaks.
    nonisolated let channels: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let thread: ThreadExecutor
    private var session: Session?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init() {
        thread = ThreadExecutor(name: "postgres-listen")
        (channels, continuation) = AsyncStream.makeStream(bufferingPolicy: PostgresListener.buffering)
    }

    isolated deinit {
        close()
    }

    /// Connects and begins to listen.
    func open(_ parameters: ConnectionParameters, channels: [String]) throws(PostgresError) {
        let session = try Session(parameters, deadline: .now + parameters.connectTimeout)
        for channel in channels { _ = try session.run(script: "LISTEN \"\(channel)\"") }
        self.session = session
        thread.watch(PQsocket(session.connection), every: Self.checkInterval) { [weak self] in
            self?.assumeIsolated { $0.read() }
        }
        // What came together with the answers has been read from the socket already.
        read()
    }

    func close() {
        if session != nil { thread.unwatch() }
        session = nil
        continuation.finish()
    }

    private func read() {
        guard let session else { return }
        for channel in session.takeNotifications() { continuation.yield(channel) }
        if session.isBroken { close() }
    }
}

extension Session {
    /// The channels of the notifications that have arrived, without waiting; sets `isBroken` when the server is gone.
    fileprivate func takeNotifications() -> [String] {
        if PQconsumeInput(connection) == 0 || PQstatus(connection) != CONNECTION_OK { isBroken = true }
        var channels: [String] = []
        while let notification = PQnotifies(connection) {
            channels.append(String(cString: notification.pointee.relname))
            PQfreemem(notification)
        }
        return channels
    }
}
