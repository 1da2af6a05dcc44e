/// Names of the broker's objects, and the version of what travels over them.
package enum Wire {
    /// The version of every message that this program writes, and the only one that it reads.
    package static let version: UInt32 = 1
    /// Hints to workers: direct, one queue a lane, routed by the queue's name.
    package static let taskExchange = "ainern2d.tasks"
    /// Reports of workers: direct, to ``eventQueue``.
    package static let eventExchange = "ainern2d.events"
    package static let eventQueue = "events.hub"
    /// What no consumer can use ends here: fanout, to ``deadQueue``.
    package static let deadExchange = "ainern2d.dead"
    package static let deadQueue = "dead"
    package static let contentType = "application/x-protobuf"
}
