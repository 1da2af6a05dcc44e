/// A way between programs, or from programs to a service, that a proxy of ours lies on.
package enum Link: String, Codable, Sendable, CaseIterable {
    case clientAPI = "client-api"
    case apiDatabase = "api-database"
    case hubDatabase = "hub-database"
    case apiBroker = "api-broker"
    case hubBroker = "hub-broker"
    case workerBroker = "worker-broker"
    case workerHub = "worker-hub"
    /// The hubs' and the API's own calls.
    case controlStore = "control-store"
    /// What workers upload and download.
    case workerStore = "worker-store"

    /// The links that can be partitioned without making the load's client blind.
    static let inner: [Link] = allCases.filter { $0 != .clientAPI }
    static let stores: [Link] = [.controlStore, .workerStore]
}

/// What a link does to the bytes on it.
package enum LinkFault: Sendable, Hashable {
    case none
    /// Nothing gets through, and nobody is told.
    case silent
    /// What the client sends does not arrive.
    case silentUp
    /// What the service sends does not arrive.
    case silentDown
    /// Every connection is reset, new ones too.
    case reset
    /// The service's ends of the connections there are close; the clients' ends hear nothing any more. New connections
    /// work.
    case halfOpen
    /// Every HTTP request is answered 503 and goes no further.
    case unavailable
    /// Answers end after so many bytes.
    case truncated(Int)
    /// Requests arrive; with the first byte of an answer the connection is reset.
    case answerLost

    var blocksUp: Bool { self == .silent || self == .silentUp }
    var blocksDown: Bool { self == .silent || self == .silentDown }
}

/// What a link has seen.
package struct LinkCounts: Sendable, Hashable {
    package var connections = 0
    package var refused = 0
    package var answersLost = 0
    package var truncated = 0
    /// Answers of an HTTP service that said 412: what was to be written was there already.
    package var preconditionFailed = 0
}
