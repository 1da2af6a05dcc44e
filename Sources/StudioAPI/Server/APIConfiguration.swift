package import StudioCore

/// Where the API listens and who may use it.
package struct APIConfiguration: Sendable {
    /// A value that cannot be used.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    /// Shorter keys can be guessed.
    package static let keyMin = 16

    package let host: String
    /// 0 takes any free port.
    package let port: Int
    package let apiKey: String
    /// Whom everybody with the key acts for.
    package let tenant: TenantID
    package var timing = APITiming()

    /// Checks the values.
    ///
    /// - Parameters:
    ///   - host: `HTTP_HOST`.
    ///   - port: `HTTP_PORT`, 0 ... 65,535.
    ///   - apiKey: `API_KEY`, at least ``keyMin`` printable characters of ASCII without spaces.
    /// - Throws: ``Fault``, which names the variable.
    package init(host: String, port: Int, apiKey: String, tenant: TenantID = .standard) throws {
        guard (0...65_535).contains(port) else {
            throw Fault(description: "HTTP_PORT is \(port), but must be 0 to 65535")
        }
        guard apiKey.utf8.count >= Self.keyMin, apiKey.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Fault(
                description: "API_KEY must have at least \(Self.keyMin) printable characters without spaces: "
                    + "make one with `openssl rand -hex 32`")
        }
        self.host = host
        self.port = port
        self.apiKey = apiKey
        self.tenant = tenant
    }
}
