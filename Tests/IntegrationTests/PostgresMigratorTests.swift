import Foundation
import Postgres
import Testing

@Suite(.timeLimit(.minutes(1))) struct PostgresMigratorTests {
    private func migration(_ name: String, _ body: String, check: String = "SELECT true") -> Migration {
        Migration(
            name: name,
            sql: """
                -- type: reversible
                -- rollback_plan: drop it
                -- verification_query: \(check)
                -- backfill_plan: none
                -- owner: tests
                -- ticket: none

                \(body)
                """)
    }

    private var two: [Migration] {
        [
            migration(
                "0001_a", "CREATE TABLE a (id int); INSERT INTO a VALUES (1);", check: "SELECT count(*) = 1 FROM a;"),
            migration("0002_b", "CREATE TABLE b (id int);"),
        ]
    }

    private func migrator(_ client: PostgresClient, _ migrations: [Migration]) -> Migrator {
        Migrator(client: client, migrations: migrations, logger: PostgresBench.quiet)
    }

    private func refusal(_ client: PostgresClient, _ migrations: [Migration]) async -> PostgresError? {
        await #expect(throws: PostgresError.self) { try await migrator(client, migrations).migrate() }
    }

    @Test func `migrations are applied in order, once, and recorded`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            #expect(try await migrator(client, two).pending() == ["0001_a", "0002_b"])
            #expect(try await migrator(client, two).migrate() == ["0001_a", "0002_b"])
            #expect(try await migrator(client, two).migrate() == [])
            #expect(try await migrator(client, two).pending() == [])
            let third = migration("0003_c", "CREATE TABLE c ()")
            #expect(try await migrator(client, two + [third]).migrate() == ["0003_c"])
            let rows = try await client.query(
                "SELECT name, checksum, duration_ms, applied_at <= now() AS past FROM schema_migrations ORDER BY name")
            #expect(try rows.map { try $0.decode("checksum", as: String.self) } == (two + [third]).map(\.checksum))
            #expect(try rows.allSatisfy { try $0.decode("duration_ms", as: Int.self) > 0 })
            #expect(try rows.allSatisfy { try $0.decode("past", as: Bool.self) })
        }
    }

    @Test func `concurrent migrators apply each migration once`() async throws {
        try await PostgresBench.withDatabase({ $0.connections = 8 }) { client async throws in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 { group.addTask { try await migrator(client, two).migrate() } }
                return try await group.reduce([], +)
            }
            #expect(applied.sorted() == ["0001_a", "0002_b"])
            #expect(try await client.query("SELECT * FROM a").count == 1)
        }
    }

    @Test func `a migration that fails leaves nothing behind`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            let broken = migration("0002_b", "CREATE TABLE b (id int); INSERT INTO nowhere VALUES (1);")
            let error = await refusal(client, [two[0], broken])
            #expect(error?.sqlState == .undefinedTable)
            #expect(error?.detail.contains("0002_b") == true)
            #expect(try await migrator(client, two).pending() == ["0002_b"])
            #expect(try await client.query("SELECT to_regclass('b') IS NULL AS gone")[0].decode("gone", as: Bool.self))
        }
    }

    @Test(arguments: [
        "SELECT false", "SELECT NULL::bool", "SELECT true WHERE false", "SELECT generate_series(1, 2) > 0",
    ])
    func `a verification that does not say true once rolls the migration back`(check: String) async throws {
        try await PostgresBench.withDatabase { client async throws in
            let error = await refusal(client, [migration("0001_a", "CREATE TABLE a ()", check: check)])
            #expect(error?.code == .migrationRefused)
            #expect(try await client.query("SELECT to_regclass('a') IS NULL AS gone")[0].decode("gone", as: Bool.self))
        }
    }

    @Test func `a migration without its contract is refused before anything is applied`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            let bare = Migration(name: "0002_b", sql: "CREATE TABLE b ()")
            let error = await refusal(client, [two[0], bare])
            #expect(error?.code == .migrationRefused)
            #expect(try await client.query("SELECT to_regclass('a') IS NULL AS gone")[0].decode("gone", as: Bool.self))
        }
    }

    @Test func `a changed, an unknown, a late and a doubled migration are refused`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            try await migrator(client, two).migrate()
            let changed = await refusal(client, [two[0], migration("0002_b", "CREATE TABLE b (id bigint)")])
            #expect(changed?.detail.contains("0002_b was changed") == true)
            let unknown = await refusal(client, [two[0]])
            #expect(unknown?.detail.contains("0002_b, which this program does not know") == true)
            let late = await refusal(client, [two[0], migration("0001_x", "SELECT 1"), two[1]])
            #expect(late?.detail.contains("0001_x stands before 0002_b") == true)
            let doubled = await refusal(client, two + [two[0]])
            #expect(doubled?.detail.contains("two migrations named 0001_a") == true)
            for error in [changed, unknown, late, doubled] { #expect(error?.code == .migrationRefused) }
        }
    }

    @Test func `a migrator waits for another one only so long`() async throws {
        try await PostgresBench.withDatabase({ $0.connections = 4 }) { client async throws in
            let slow = migration("0001_slow", "SELECT pg_sleep(2)")
            async let first = migrator(client, [slow]).migrate()
            let impatient = Migrator(
                client: client, migrations: [slow], lockWait: .milliseconds(100), logger: PostgresBench.quiet)
            #expect(
                try await PostgresBench.eventually {
                    try await client.query(
                        "SELECT 1 FROM pg_stat_activity WHERE query LIKE '-- type%pg_sleep(2)%' AND state = 'active'"
                    ).count == 1
                })
            let error = await #expect(throws: PostgresError.self) { try await impatient.migrate() }
            #expect(error?.code == .migrationRefused)
            #expect(error?.detail.contains("another migrator") == true)
            #expect(try await first == ["0001_slow"])
        }
    }
}
