package import AsyncHTTPClient
import NIOCore
import StudioCore

/// The API, typed: every call tries again what may pass, and throws ``StudioClientError`` or `CancellationError`.
package struct StudioClient: Sendable {
    package let configuration: StudioClientConfiguration
    let transport: Transport

    /// - Parameter httpClient: `nil` takes one that the process shares; another one must not follow redirects.
    package init(configuration: StudioClientConfiguration, httpClient: HTTPClient? = nil) {
        self.configuration = configuration
        transport = Transport(client: httpClient ?? .studio, configuration: configuration)
    }
}

extension HTTPClient {
    /// A stream that says nothing for this long, heartbeats included, is dead.
    private static let silenceSeconds: Int64 = 60
    private static let connectSeconds: Int64 = 5
    private static let connectionsMax = 256

    /// Shared by all clients of the process and never closed: follows no redirects, so that the key goes nowhere else.
    static let studio: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(connectSeconds)
        configuration.timeout.read = .seconds(silenceSeconds)
        // Tries again are ours: a server that is not there must be told at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsMax
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
