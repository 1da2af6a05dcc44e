import BlockingIO

/// Declares and looks at queues, each time on a connection of its own, so that a refusal costs nobody else's channel.
actor BrokerControl {
    private let thread = ThreadExecutor(name: "amqp-control")
    private let configuration: AMQPConfiguration

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(configuration: AMQPConfiguration) {
        var configuration = configuration
        configuration.connectionName += " control"
        self.configuration = configuration
    }

    func declare(_ topology: Topology) throws(AMQPError) {
        let link = try Link(configuration)
        defer { link.close() }
        for exchange in topology.exchanges { try link.declare(exchange) }
        for queue in topology.queues { try link.declare(queue) }
        for binding in topology.bindings { try link.declare(binding) }
    }

    func delete(_ topology: Topology) throws(AMQPError) {
        let link = try Link(configuration)
        defer { link.close() }
        for queue in topology.queues { try link.delete(queue) }
        for exchange in topology.exchanges { try link.delete(exchange) }
    }

    /// The numbers of ready messages; queues that do not exist are left out.
    func messageCounts(queues: [String]) throws(AMQPError) -> [String: Int] {
        var counts: [String: Int] = [:]
        var link = try Link(configuration)
        defer { link.close() }
        for queue in queues {
            do throws(AMQPError) {
                counts[queue] = try link.messageCount(queue: queue)
            } catch {
                guard error.code == .notFound else { throw error }
                // The broker closed the channel over it.
                link.drop()
                link = try Link(configuration)
            }
        }
        return counts
    }
}
