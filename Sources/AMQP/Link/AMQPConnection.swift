import BlockingIO

/// What moves on a connection's channel; confined to the connection's thread.
protocol Traffic: Sendable {
    /// Sets the fresh channel up before anything else moves on it; may block for a remote call.
    mutating func opened(_ link: Link) throws(AMQPError)
    mutating func received(_ event: LinkEvent, on link: Link) throws(AMQPError)
    /// Sends what waits; returns whether more may wait.
    mutating func advance(_ link: Link) throws(AMQPError) -> Bool
    /// The channel is gone and all its tags with it.
    mutating func lost(_ error: AMQPError)
}

/// A connection to the broker on a thread of its own; after an error it is open no more until opened again.
actor AMQPConnection<Flow: Traffic> {
    /// The library services heartbeats only inside calls, and version 0.11 hangs when it is left alone for too long.
    private static var serviceInterval: Duration { .seconds(1) }
    private static var framesPerReadMax: Int { 512 }
    /// Bounds one turn, so that other jobs of the thread get theirs.
    private static var roundsPerTurnMax: Int { 64 }

    private let thread: ThreadExecutor
    private let configuration: AMQPConfiguration
    private let wake: Signal
    private var flow: Flow
    private var link: Link?
    private var failure: AMQPError?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// `wake` is raised when the connection is lost, or has more to do than one turn may take: call ``pump()`` then.
    init(name: String, configuration: AMQPConfiguration, flow: Flow, wake: Signal) {
        thread = ThreadExecutor(name: name)
        self.configuration = configuration
        self.flow = flow
        self.wake = wake
    }

    isolated deinit {
        thread.unwatch()
        link?.drop()
    }

    func open() throws(AMQPError) {
        precondition(link == nil, "a connection is opened once at a time")
        let link = try Link(configuration)
        do throws(AMQPError) {
            try flow.opened(link)
        } catch {
            link.drop()
            flow.lost(error)
            throw error
        }
        failure = nil
        self.link = link
        thread.watch(link.descriptor, every: Self.serviceInterval) { [weak self] in
            self?.assumeIsolated { $0.turn() }
        }
    }

    /// Sends what waits and reads what arrived.
    /// - Throws: why the connection is gone, if it is.
    func pump() throws(AMQPError) {
        turn()
        if let failure { throw failure }
    }

    /// Sends what waits, then ends the connection the polite way.
    func close() {
        turn()
        guard let link else { return }
        thread.unwatch()
        self.link = nil
        link.close()
        flow.lost(AMQPError(.connectionLost, "closed"))
    }

    /// Ends the connection at once.
    func drop() {
        lose(AMQPError(.connectionLost, "dropped"))
    }

    private func turn() {
        guard let link else { return }
        do throws(AMQPError) {
            for _ in 0..<Self.roundsPerTurnMax {
                guard try round(link) else { return }
            }
            wake.raise()
        } catch {
            lose(error)
        }
    }

    /// Returns whether there may be more to do at once.
    private func round(_ link: Link) throws(AMQPError) -> Bool {
        let drained = link.drain(framesMax: Self.framesPerReadMax)
        for event in drained.events {
            try flow.received(event, on: link)
        }
        if let failure = drained.failure { throw failure }
        let hasMore = try flow.advance(link)
        return hasMore || !drained.isExhausted
    }

    private func lose(_ error: AMQPError) {
        guard let link else { return }
        // Before the descriptor is closed: its number may be another socket's at once.
        thread.unwatch()
        self.link = nil
        link.drop()
        failure = error
        flow.lost(error)
        wake.raise()
    }
}
