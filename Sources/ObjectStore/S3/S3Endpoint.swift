#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where an S3 service listens: scheme, host and port, nothing else.
package struct S3Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// `http` or `https`.
    package let scheme: String
    /// The value of the `host` header: the port is left out when it is the scheme's own.
    package let authority: String

    package var description: String { "\(scheme)://\(authority)" }

    /// - Parameter name: the variable to blame in the error.
    init(_ text: String, name: String) throws(ObjectStoreError) {
        func refuse(_ why: String) -> ObjectStoreError { ObjectStoreError(.invalidConfiguration, "\(name): \(why)") }
        guard !text.isEmpty else { throw refuse("is empty; expected such as http://127.0.0.1:9000") }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            let host = parts.encodedHost, !host.isEmpty
        else { throw refuse("is not a URL; expected such as http://127.0.0.1:9000") }
        guard scheme == "http" || scheme == "https" else {
            throw refuse("has scheme \(scheme); http or https expected")
        }
        guard parts.user == nil, parts.password == nil else {
            throw refuse("holds a user or password; keys are settings of their own")
        }
        guard parts.path.isEmpty || parts.path == "/", parts.query == nil, parts.fragment == nil else {
            throw refuse("has a path, query or fragment; only scheme, host and port are expected")
        }
        if let port = parts.port, !(1...65_535).contains(port) { throw refuse("has port \(port)") }
        let isUsualPort = parts.port == nil || parts.port == (scheme == "http" ? 80 : 443)
        self.scheme = scheme
        authority = host.lowercased() + (isUsualPort ? "" : parts.port.map { ":\($0)" } ?? "")
    }

    private init(scheme: String, authority: String) {
        self.scheme = scheme
        self.authority = authority
    }

    /// The endpoint at which `bucket` is the first label of the host.
    func virtualHost(of bucket: String) -> S3Endpoint {
        S3Endpoint(scheme: scheme, authority: "\(bucket).\(authority)")
    }
}
