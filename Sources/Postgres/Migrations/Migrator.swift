package import Logging

/// Brings a database to the schema that a list of migrations describes.
///
/// Each migration runs in a transaction of its own that also checks its verification query and records it in the table
/// `schema_migrations` of the current schema. A lock for the whole database makes several migrators take turns, so each
/// migration is applied once.
package struct Migrator: Sendable {
    /// The advisory lock of migrators, an arbitrary number that only they use.
    private static let lockKey: Int64 = 0x61_69_6e_65_72_6e_32_64

    private struct Record {
        let name: String
        let checksum: String
    }

    private let client: PostgresClient
    private let migrations: [Migration]
    private let lockWait: Duration
    private let statementTimeout: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - migrations: all there are, oldest first.
    ///   - lockWait: how long to wait for another migrator, at least 1 ms.
    ///   - statementTimeout: the limit on one migration.
    package init(
        client: PostgresClient, migrations: [Migration], lockWait: Duration = .seconds(60),
        statementTimeout: Duration = .seconds(600), logger: Logger
    ) {
        self.client = client
        self.migrations = migrations
        self.lockWait = lockWait
        self.statementTimeout = statementTimeout
        self.logger = logger
    }

    /// Applies what is missing, in order, and returns the names of what this call applied.
    ///
    /// It applies nothing when a migration has no complete contract, was changed after it was applied, or when the
    /// database has migrations that are not in the list.
    @discardableResult
    package func migrate() async throws -> [String] {
        let contracts = try contracts()
        try await transaction { transaction throws(PostgresError) in
            try transaction.run(script: Self.table)
        }
        var applied: [String] = []
        for _ in migrations {
            let name = try await transaction { transaction throws(PostgresError) -> String? in
                guard let next = try pending(after: Self.records(transaction)).first else { return nil }
                try apply(next, contracts[next.name], transaction)
                return next.name
            }
            guard let name else { break }
            applied.append(name)
            logger.info("Migration applied", metadata: ["migration": "\(name)"])
        }
        return applied
    }

    /// The names of migrations that are not applied yet; checks the same things as `migrate` and changes nothing.
    package func pending() async throws -> [String] {
        _ = try contracts()
        return try await client.transaction { transaction in
            let exists = try transaction.first(
                "SELECT to_regclass(quote_ident(current_schema()) || '.schema_migrations') IS NOT NULL")
            let records = try exists?.decode(0, as: Bool.self) == true ? Self.records(transaction) : []
            return try pending(after: records).map(\.name)
        }
    }

    private static let table = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            name text PRIMARY KEY,
            checksum text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now(),
            duration_ms bigint NOT NULL
        )
        """

    private func contracts() throws(PostgresError) -> [String: MigrationContract] {
        var contracts: [String: MigrationContract] = [:]
        for migration in migrations {
            guard contracts.updateValue(try MigrationContract(of: migration), forKey: migration.name) == nil else {
                throw PostgresError(.migrationRefused, "there are two migrations named \(migration.name)")
            }
        }
        return contracts
    }

    /// Runs `body` in a transaction that holds the migrators' lock.
    private func transaction<T: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws(PostgresError) -> T
    ) async throws -> T {
        let lockWait = lockWait.milliseconds
        let limit = statementTimeout.milliseconds
        return try await client.transaction { transaction throws(PostgresError) in
            transaction.limitCalls(to: .milliseconds(max(lockWait, limit) + 5000))
            try transaction.run(
                script: "SET LOCAL lock_timeout = \(lockWait); SET LOCAL statement_timeout = \(max(lockWait, limit))")
            do throws(PostgresError) {
                _ = try transaction.query("SELECT pg_advisory_xact_lock(\(Self.lockKey))")
            } catch  where error.sqlState == .lockNotAvailable {
                throw PostgresError(
                    .migrationRefused, "another migrator held the lock for longer than \(lockWait) ms", cause: error)
            }
            try transaction.run(script: "SET LOCAL statement_timeout = \(limit)")
            return try body(transaction)
        }
    }

    private static func records(_ transaction: borrowing Transaction) throws(PostgresError) -> [Record] {
        var records: [Record] = []
        for row in try transaction.query("SELECT name, checksum FROM schema_migrations ORDER BY name") {
            records.append(Record(name: try row.decode("name"), checksum: try row.decode("checksum")))
        }
        return records
    }

    private func pending(after records: [Record]) throws(PostgresError) -> [Migration] {
        let known = Dictionary(migrations.map { ($0.name, $0) }) { first, _ in first }
        for record in records {
            guard let migration = known[record.name] else {
                throw PostgresError(
                    .migrationRefused,
                    "the database has the migration \(record.name), which this program does not know: it is older")
            }
            guard migration.checksum == record.checksum else {
                throw PostgresError(
                    .migrationRefused, "the migration \(record.name) was changed after it had been applied")
            }
        }
        let applied = Set(records.map(\.name))
        let pending = migrations.drop { applied.contains($0.name) }
        if let late = pending.first(where: { applied.contains($0.name) }), let first = pending.first {
            throw PostgresError(
                .migrationRefused, "the migration \(first.name) stands before \(late.name), which is applied already")
        }
        return Array(pending)
    }

    private func apply(
        _ migration: Migration, _ contract: MigrationContract?, _ transaction: borrowing Transaction
    ) throws(PostgresError) {
        let start = ContinuousClock.now
        do {
            try transaction.run(script: migration.sql)
            if let contract { try verify(contract, transaction) }
        } catch {
            throw PostgresError(
                error.code, "migration \(migration.name): \(error.detail)", sqlState: error.sqlState,
                constraint: error.constraint, cause: error.cause)
        }
        let duration = (ContinuousClock.now - start).milliseconds
        try transaction.execute(
            """
            INSERT INTO schema_migrations (name, checksum, duration_ms)
            VALUES (\(migration.name), \(migration.checksum), \(duration))
            """)
    }

    private func verify(
        _ contract: MigrationContract, _ transaction: borrowing Transaction
    ) throws(PostgresError) {
        let rows = try transaction.query("\(unsafe: contract.verificationQuery)")
        guard rows.count == 1, rows[0].columns.count == 1, try rows[0].decode(0, as: Bool?.self) == true else {
            throw PostgresError(.migrationRefused, "its verification query did not return one row with true")
        }
    }
}
