package import AsyncHTTPClient
import NIOCore

extension HTTPClient {
    /// The client for all transfers of this process, never shut down: timeouts for silence, not for duration.
    static let transfers = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .transfers)
}

extension HTTPClient.Configuration {
    /// No redirects (they would break signatures), no decompression (it would change bytes), a limit on silence.
    package static var transfers: Self {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5), read: .seconds(60), write: .seconds(60)),
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16
        // A refused connection is known at once; waiting and trying again is the retry policy's part.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }
}
