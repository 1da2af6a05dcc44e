import Foundation
import Postgres
import Testing

private struct Refused: Error {}

@Suite(.timeLimit(.minutes(1))) struct PostgresTransactionTests {
    private func count(_ client: PostgresClient) async throws -> Int {
        try await client.query("SELECT count(*) AS n FROM t")[0].decode("n")
    }

    private func withTable(
        _ change: (inout PostgresClient.Configuration) -> Void = { _ in }, _ body: (PostgresClient) async throws -> Void
    ) async throws {
        try await PostgresBench.withDatabase(change) { client async throws in
            try await client.execute(
                "CREATE TABLE t (id int PRIMARY KEY, name text CONSTRAINT short CHECK (length(name) < 9))")
            try await body(client)
        }
    }

    @Test func `what a transaction did is there after it returns`() async throws {
        try await withTable { client async throws in
            let affected = try await client.transaction { transaction in
                try transaction.execute("INSERT INTO t SELECT generate_series(1, 5)")
            }
            #expect(affected == 5)
            #expect(try await count(client) == 5)
        }
    }

    @Test func `a thrown error rolls back and the connection serves on`() async throws {
        try await withTable { client async throws in
            await #expect(throws: Refused.self) {
                try await client.transaction { transaction in
                    try transaction.execute("INSERT INTO t VALUES (1)")
                    throw Refused()
                }
            }
            #expect(try await count(client) == 0)
            #expect(client.statistics.discards == 0)
            #expect(client.statistics.connects == 1)
        }
    }

    @Test func `a swallowed failure cannot pass for a commit`() async throws {
        try await withTable { client async throws in
            let error = await #expect(throws: PostgresError.self) {
                try await client.transaction { transaction in
                    try transaction.execute("INSERT INTO t VALUES (1)")
                    _ = try? transaction.execute("INSERT INTO nowhere VALUES (1)")
                }
            }
            #expect(error?.code == .transactionAborted)
            #expect(try await count(client) == 0)
        }
    }

    @Test func `a broken rule names its state and constraint and never the value`() async throws {
        try await withTable { client async throws in
            try await client.execute("INSERT INTO t VALUES (1, 'secret')")
            let unique = await #expect(throws: PostgresError.self) {
                try await client.execute("INSERT INTO t VALUES (\(1), \("secret"))")
            }
            #expect(unique?.sqlState == .uniqueViolation)
            #expect(unique?.constraint == "t_pkey")
            #expect(unique?.isTransient == false)
            let check = await #expect(throws: PostgresError.self) {
                try await client.execute("INSERT INTO t VALUES (\(2), \("very secret"))")
            }
            #expect(check?.constraint == "short")
            let syntax = await #expect(throws: PostgresError.self) {
                try await client.query("SELECT \("secret")::uuid")
            }
            #expect(syntax?.sqlState == .invalidTextRepresentation)
            for error in [unique, check, syntax] { #expect(!String(describing: error).contains("secret")) }
            let table = await #expect(throws: PostgresError.self) { try await client.query("SELECT * FROM nowhere") }
            #expect(table?.sqlState == .undefinedTable)
        }
    }

    @Test func `a lost conflict runs again when asked to, and only then`() async throws {
        try await withTable({ $0.connections = 4 }) { client async throws in
            try await client.execute("INSERT INTO t VALUES (0, '0')")
            let add = { @Sendable (conflictsMax: Int) async throws in
                try await client.transaction(.serializable, retrying: conflictsMax) { transaction in
                    let row = try transaction.first("SELECT name::int AS n FROM t WHERE id = 0")
                    let value: Int = try row?.decode("n") ?? 0
                    try transaction.execute("UPDATE t SET name = \(String(value + 1)) WHERE id = 0")
                }
            }
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 { group.addTask { for _ in 0..<10 { try await add(200) } } }
                try await group.waitForAll()
            }
            let row = try await client.query("SELECT name FROM t")
            #expect(try row[0].decode("name", as: String.self) == "40")

            let conflict = await #expect(throws: PostgresError.self) {
                try await withThrowingTaskGroup { group in
                    for _ in 0..<4 { group.addTask { for _ in 0..<200 { try await add(0) } } }
                    try await group.waitForAll()
                }
            }
            #expect(conflict?.sqlState == .serializationFailure)
            #expect(conflict?.isTransient == true)
        }
    }

    @Test func `isolation levels reach the server`() async throws {
        try await withTable { client async throws in
            for level in IsolationLevel.allCases {
                let name = try await client.transaction(level) { transaction in
                    try transaction.first("SHOW transaction_isolation")?.decode(0, as: String.self)
                }
                #expect(name == level.rawValue.lowercased())
            }
        }
    }

    @Test func `settings reach the server`() async throws {
        try await PostgresBench.withDatabase({
            $0.statementTimeout = .seconds(7)
            $0.lockTimeout = .milliseconds(1500)
            $0.idleInTransactionTimeout = .seconds(9)
            $0.applicationName = "named"
        }) { client async throws in
            let row = try await client.query(
                """
                SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
                    current_setting('idle_in_transaction_session_timeout') AS idle, current_schema() AS schema,
                    current_setting('application_name') AS name, current_setting('TimeZone') AS zone
                """)[0]
            #expect(try row.decode("statement", as: String.self) == "7s")
            #expect(try row.decode("lock", as: String.self) == "1500ms")
            #expect(try row.decode("idle", as: String.self) == "9s")
            #expect(try row.decode("schema", as: String.self).hasPrefix("test_"))
            #expect(try row.decode("name", as: String.self) == "named")
            #expect(try row.decode("zone", as: String.self) == "UTC")
        }
    }

    @Test func `statements are prepared, given up and prepared again`() async throws {
        try await PostgresBench.withDatabase({
            $0.connections = 1
            $0.preparedStatementsMax = 3
        }) { client async throws in
            for round in 0..<5 {
                for number in 0..<5 {
                    for _ in 0..<3 {
                        let rows = try await client.query("SELECT \(round)::int8 + \(unsafe: "\(number)") AS sum")
                        #expect(try rows[0].decode("sum", as: Int.self) == round + number)
                    }
                }
            }
            let prepared = try await client.query("SELECT count(*) AS n FROM pg_prepared_statements")
            #expect(try prepared[0].decode("n", as: Int.self) <= 3)
        }
    }

    @Test func `a plan that a migration outdated fails once as transient and is replaced`() async throws {
        try await withTable({ $0.connections = 1 }) { client async throws in
            for _ in 0..<3 { _ = try await client.query("SELECT * FROM t") }
            try await client.execute("ALTER TABLE t ADD COLUMN extra int")
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT * FROM t") }
            #expect(error?.code == .planChanged)
            #expect(error?.isTransient == true)
            _ = try await client.query("SELECT * FROM t")
        }
    }

    @Test func `copying is refused and the connection replaced`() async throws {
        try await withTable { client async throws in
            await #expect(throws: PostgresError.self) { try await client.execute("COPY t TO STDOUT") }
            #expect(try await count(client) == 0)
        }
    }
}
