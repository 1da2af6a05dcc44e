package import AMQP
import StudioCore
import StudioProto

/// The broker's exchanges and queues: declared by the orchestrator, used by everybody.
package enum TaskTopology {
    /// A hint that comes back so often kills who reads it: it is set aside.
    ///
    /// The task itself waits in Postgres.
    private static let hintReturnsMax = 20
    /// Reports come back with each restart of the hub, and must not be lost for that.
    private static let reportReturnsMax = 100_000

    package static let topology = Topology(
        exchanges: [
            Topology.Exchange(name: Wire.taskExchange, kind: .direct),
            Topology.Exchange(name: Wire.eventExchange, kind: .direct),
            Topology.Exchange(name: Wire.deadExchange, kind: .fanout),
        ],
        queues: Lane.all.map { lane in
            Topology.Queue(name: lane.queue, deadLetterExchange: Wire.deadExchange, deliveryLimit: hintReturnsMax)
        } + [
            Topology.Queue(
                name: Wire.eventQueue, deadLetterExchange: Wire.deadExchange, deliveryLimit: reportReturnsMax),
            Topology.Queue(name: Wire.deadQueue),
        ],
        bindings: Lane.all.map { lane in
            Topology.Binding(queue: lane.queue, exchange: Wire.taskExchange, routingKey: lane.queue)
        } + [
            Topology.Binding(queue: Wire.eventQueue, exchange: Wire.eventExchange, routingKey: Wire.eventQueue),
            Topology.Binding(queue: Wire.deadQueue, exchange: Wire.deadExchange, routingKey: ""),
        ])
}
