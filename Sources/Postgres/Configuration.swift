extension PostgresClient {
    /// Where the database is and how long anything may take.
    ///
    /// Descriptions leave the URL out, because it carries the password.
    package struct Configuration: Sendable {
        /// The bounds of `connections`.
        package static let connectionsRange = 1...64

        /// A libpq connection URI or keyword string; secret.
        ///
        /// The other settings win where both say something, except `options`, which are joined.
        package var url: String
        /// The most connections, and so threads, in 1...64.
        package var connections: Int
        /// The limit for one attempt to connect.
        ///
        /// Name resolution happens before and has the resolver's own limit.
        package var connectTimeout: Duration
        /// The server's limit on each statement.
        package var statementTimeout: Duration
        /// The client's own limit on each call, for a server that no longer answers; nil is 5 s more than the server's.
        package var callDeadline: Duration?
        /// The server's limit on each wait for a lock.
        package var lockTimeout: Duration
        /// The server ends a transaction that sends nothing for so long.
        package var idleInTransactionTimeout: Duration
        /// The limit on waiting for a free connection, attempts to connect included.
        package var checkoutTimeout: Duration
        /// The most callers that may wait for a connection; one more is refused at once.
        package var waitersMax: Int
        /// The name that `pg_stat_activity` shows.
        package var applicationName: String
        /// The schema to work in, before `public`; nil leaves the search path to the server.
        package var schema: String?
        /// How many statements each connection keeps prepared; 0 behind a transaction pooler that cannot have them.
        package var preparedStatementsMax: Int

        package init(
            url: String, connections: Int = 8, connectTimeout: Duration = .seconds(5),
            statementTimeout: Duration = .seconds(30), callDeadline: Duration? = nil,
            lockTimeout: Duration = .seconds(5), idleInTransactionTimeout: Duration = .seconds(10),
            checkoutTimeout: Duration = .seconds(10), waitersMax: Int = 1024, applicationName: String = "ainern2d",
            schema: String? = nil, preparedStatementsMax: Int = 256
        ) {
            self.url = url
            self.connections = connections
            self.connectTimeout = connectTimeout
            self.statementTimeout = statementTimeout
            self.callDeadline = callDeadline
            self.lockTimeout = lockTimeout
            self.idleInTransactionTimeout = idleInTransactionTimeout
            self.checkoutTimeout = checkoutTimeout
            self.waitersMax = waitersMax
            self.applicationName = applicationName
            self.schema = schema
            self.preparedStatementsMax = preparedStatementsMax
        }

        /// The limit that applies to each call.
        var callLimit: Duration { callDeadline ?? statementTimeout + .seconds(5) }

        /// Checks every value and that libpq understands the URL; connects to nothing.
        package func validate() throws(PostgresError) {
            _ = try ConnectionParameters(self)
        }

        func validateBounds() throws(PostgresError) {
            guard Self.connectionsRange.contains(connections) else {
                throw PostgresError(.invalidConfiguration, "connections must be in 1...64")
            }
            let limits = [
                ("connectTimeout", connectTimeout), ("statementTimeout", statementTimeout),
                ("callDeadline", callLimit), ("lockTimeout", lockTimeout),
                ("idleInTransactionTimeout", idleInTransactionTimeout), ("checkoutTimeout", checkoutTimeout),
            ]
            for (name, limit) in limits where limit < .milliseconds(1) || limit > .seconds(24 * 3600) {
                throw PostgresError(.invalidConfiguration, "\(name) must be between 1 ms and 24 h")
            }
            guard waitersMax >= 0, preparedStatementsMax >= 0 else {
                throw PostgresError(.invalidConfiguration, "waitersMax and preparedStatementsMax must not be negative")
            }
            let isPlain = schema?.utf8.allSatisfy(Self.isPlain) ?? true
            guard isPlain, schema?.isEmpty != true else {
                throw PostgresError(.invalidConfiguration, "schema may hold only a-z, 0-9 and _")
            }
        }

        static func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}

extension PostgresClient.Configuration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "PostgresClient.Configuration(connections: \(connections))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["connections": connections]) }
}
