/// Where the broker is, who we are, and how long anything may take.
///
/// The URL carries a password: descriptions of this type never print it.
package struct AMQPConfiguration: Sendable {
    let address: BrokerAddress
    /// The file of CA certificates which the broker's certificate is checked against; required for `amqps://`.
    package let caCertificatePath: String?
    /// Shown in the broker's list of connections.
    package var connectionName: String
    /// The interval of heartbeats in whole seconds, 1...60; a peer silent for two of them is dead.
    package let heartbeat: Duration
    /// The limit on reaching the broker and logging in.
    package var connectTimeout: Duration = .seconds(5)
    /// The limit on any single blocking call; past it the socket is shut down.
    package var callDeadline: Duration = .seconds(5)
    /// How long a publish waits, from the call to the broker's confirm.
    package var confirmTimeout: Duration = .seconds(5)
    /// The number of publishes that may be on their way to the broker unconfirmed, 1...
    package var unconfirmedMax = 1000
    /// The number of publishes that may wait to be sent, 1...
    package var queuedMax = 20_000

    /// The largest body that is sent, or accepted where a consumer sets no smaller bound, in bytes.
    package static let bodyBytesMax = 16 * 1024 * 1024

    /// Reads `amqp://user:password@host:port/vhost` or `amqps://…`.
    ///
    /// The port defaults to 5672 (5671 with TLS) and the vhost to `/`; reserved characters are percent-encoded.
    /// - Throws: `.invalidConfiguration`, saying what is wrong without repeating the password.
    package init(
        url: String, caCertificatePath: String? = nil, connectionName: String = "ainern2d",
        heartbeat: Duration = .seconds(10)
    ) throws(AMQPError) {
        let address = try BrokerAddress(url: url)
        if address.usesTLS && caCertificatePath == nil {
            throw AMQPError(.invalidConfiguration, "amqps:// needs a file of CA certificates (AMQP_TLS_CA)")
        }
        guard heartbeat >= .seconds(1), heartbeat <= .seconds(60) else {
            throw AMQPError(.invalidConfiguration, "the heartbeat must be between 1 and 60 seconds")
        }
        self.address = address
        self.caCertificatePath = caCertificatePath
        self.connectionName = connectionName
        self.heartbeat = heartbeat
    }
}

extension AMQPConfiguration: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(address) as \(connectionName)" }
    package var customMirror: Mirror { Mirror(self, children: ["address": address.description]) }
}
