/// Bounds on what a client may ask of the API.
package enum APILimits {
    /// Bytes of a request's body.
    package static let bodyMax = 8 * 1024 * 1024
    /// Bytes of a request's head, all header fields together.
    package static let headerBytesMax = 32 * 1024
    package static let headerFieldsMax = 100
    /// Connections at a time; more wait in the listen queue.
    package static let connectionsMax = 1_024
    /// Event streams and long polls at a time; more are answered 503.
    package static let waitersMax = 256
    /// A connection that sends nothing while a request is expected is closed after this.
    package static let idleSeconds: Int64 = 60
    package static let pageDefault = 50
    package static let pageMax = 200
    /// Longest `Prefer: wait`, in seconds.
    package static let waitSecondsMax = 30
    /// How long a link to an artifact's bytes works.
    package static let linkLifetime = Duration.seconds(300)
    package static let requestIDMax = 128
    /// Events read at once for a stream.
    package static let eventBatchMax = 500
}
