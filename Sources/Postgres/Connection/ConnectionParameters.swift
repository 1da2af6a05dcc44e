import CPostgres

/// What libpq is told when it connects.
struct ConnectionParameters: Sendable {
    private(set) var keywords: [String] = []
    private(set) var values: [String] = []
    /// Where the server is, for logs.
    let address: String
    let connectTimeout: Duration
    let callLimit: Duration
    let preparedStatementsMax: Int

    init(_ configuration: PostgresClient.Configuration) throws(PostgresError) {
        try configuration.validateBounds()
        connectTimeout = configuration.connectTimeout
        callLimit = configuration.callLimit
        preparedStatementsMax = configuration.preparedStatementsMax
        var settings = try Self.parse(configuration.url)
        address = "\(settings["host"] ?? settings["hostaddr"] ?? "localhost"):\(settings["port"] ?? "5432")"
        settings["options"] = [settings["options"], Self.options(configuration)].compactMap(\.self)
            .joined(separator: " ")
        settings["application_name"] = configuration.applicationName
        settings["client_encoding"] = "UTF8"
        // A peer that vanished is noticed between calls too; within a call the call's own limit is shorter or equal.
        let network = [
            "keepalives": "1", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
            "tcp_user_timeout": "\(configuration.callLimit.milliseconds)",
        ]
        settings.merge(network) { fromURL, _ in fromURL }
        for (keyword, value) in settings.sorted(by: { $0.key < $1.key }) {
            keywords.append(keyword)
            values.append(value)
        }
    }

    private static func options(_ configuration: PostgresClient.Configuration) -> String {
        var settings = [
            ("statement_timeout", "\(configuration.statementTimeout.milliseconds)"),
            ("lock_timeout", "\(configuration.lockTimeout.milliseconds)"),
            ("idle_in_transaction_session_timeout", "\(configuration.idleInTransactionTimeout.milliseconds)"),
            ("timezone", "UTC"),
        ]
        if let schema = configuration.schema { settings.append(("search_path", "\(schema),public")) }
        return settings.map { "-c \($0.0)=\($0.1)" }.joined(separator: " ")
    }

    private static func parse(_ url: String) throws(PostgresError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            // The message may quote the URL and with it the password.
            PQfreemem(message)
            throw PostgresError(.invalidConfiguration, "the database URL is not one that libpq understands")
        }
        defer { PQconninfoFree(options) }
        var settings: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { settings[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return settings
    }
}

extension Duration {
    /// Whole milliseconds, at least 1, for settings where 0 means no limit.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
