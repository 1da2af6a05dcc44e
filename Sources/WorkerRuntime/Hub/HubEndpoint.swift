package import ProgramSettings

/// Where the hub is, who we are to it, and how long a call may take.
package struct HubEndpoint: Sendable {
    /// How the connection is protected.
    package enum Security: Sendable, Hashable {
        /// Nothing is: for loopback and tests.
        case plaintext
        /// The hub's certificate must be for ``HubEndpoint/address``'s host and come from a CA of this PEM file, or of
        /// the system's when `nil`.
        case tls(caPath: String?)

        /// nil without TLS, and for the system's CAs.
        var caPath: String? {
            if case .tls(let path) = self { path } else { nil }
        }
    }

    package let address: ListenAddress
    /// Shared between workers and hub; a secret.
    package let token: String
    package let security: Security
    /// The limit on each call but the stream, which is watched by its heartbeats.
    package var callDeadline: Duration = .seconds(5)

    package init(address: ListenAddress, token: String, security: Security = .plaintext) {
        self.address = address
        self.token = token
        self.security = security
    }
}

extension HubEndpoint: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(address)\(security == .plaintext ? "" : " (TLS)")" }
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
