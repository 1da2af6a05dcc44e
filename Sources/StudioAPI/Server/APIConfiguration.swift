import ProgramSettings
package import StudioCore

/// Where the API listens and who may use it.
package struct APIConfiguration: Sendable {
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
    ///   - apiKey: `API_KEY`, such as `Settings.key(_:)` accepts.
    /// - Throws: `SettingError`.
    package init(host: String, port: Int, apiKey: String, tenant: TenantID = .standard) throws {
        guard (0...65_535).contains(port) else {
            throw SettingError("HTTP_PORT", "is \(port), but must be 0 to 65535")
        }
        try Settings.checkKey(apiKey, "API_KEY")
        self.host = host
        self.port = port
        self.apiKey = apiKey
        self.tenant = tenant
    }
}
