#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// One request that somebody without keys may send until it expires.
///
/// Whoever holds it can use it: never log the URL.
package struct PresignedRequest: Sendable, Codable, Hashable {
    package let method: String
    package let url: String
    /// What the sender must send, with exactly these values; `host` goes without saying.
    ///
    /// Names are lower-case.
    package let headers: [String: String]
    /// By the wall clock of the signer.
    package let expiresAt: Date

    package init(method: String, url: String, headers: [String: String], expiresAt: Date) {
        self.method = method
        self.url = url
        self.headers = headers
        self.expiresAt = expiresAt
    }
}

extension PresignedRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL without its query.
    package var description: String {
        "\(method) \(url.prefix { $0 != "?" })?[signature redacted], expires \(expiresAt.formatted(.iso8601))"
    }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
