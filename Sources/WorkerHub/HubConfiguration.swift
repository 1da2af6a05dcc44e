import StudioCore

/// How the hub listens, and what it grants.
package struct HubConfiguration: Sendable {
    /// Certificate and key, as paths of PEM files.
    package struct TLS: Sendable {
        package let certificatePath: String
        package let keyPath: String

        package init(certificatePath: String, keyPath: String) {
            self.certificatePath = certificatePath
            self.keyPath = keyPath
        }
    }

    package var host: String
    package var port: Int
    /// Without it the link is in plain text: for loopback and private networks only.
    package var tls: TLS?
    /// What every worker must present.
    package var workerToken: String
    /// What the tokens of attempts are made with; the same for all replicas of the hub.
    package var attemptSecret: String
    /// How long a worker may be silent before its tasks are given to others.
    package var lease: Duration = .seconds(TaskLease.secondsDefault)
    /// How long signed uploads may be used.
    package var uploadLife: Duration = .seconds(15 * 60)
    /// How long signed downloads may be used.
    package var downloadLife: Duration = .seconds(60 * 60)

    /// A heartbeat a third of the lease, so that two may be lost before it ends, and often enough for those who tell by
    /// them which workers are there (`TaskLease.silenceSecondsMax`).
    package var heartbeatInterval: Duration { min(lease / 3, .seconds(TaskLease.heartbeatSecondsMax)) }

    /// The largest request a worker may send, in bytes.
    package static let requestBytesMax = 1 << 20
    /// The most files one grant may name.
    package static let filesMax = 16
    /// The largest file that may be uploaded, in bytes.
    package static let fileBytesMax: Int64 = 64 << 30
    /// The longest content type, in bytes.
    package static let contentTypeMax = 100
    /// The most attempts one heartbeat may name.
    package static let attemptsMax = 1024

    package init(host: String, port: Int, tls: TLS? = nil, workerToken: String, attemptSecret: String) {
        self.host = host
        self.port = port
        self.tls = tls
        self.workerToken = workerToken
        self.attemptSecret = attemptSecret
    }
}
