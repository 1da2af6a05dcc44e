/// What a migration promises, read from the comment at its head.
///
///     -- type: reversible
///     -- rollback_plan: drop table shots
///     -- verification_query: SELECT count(*) = 0 FROM shots
///     -- backfill_plan: none, the table is new
///     -- owner: store
///     -- ticket: AIN-12
///
/// Every key is required. A comment line without a key continues the value above it.
package struct MigrationContract: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case reversible
        case forwardOnly = "forward_only"
        case destructive
    }

    private enum Key: String, CaseIterable {
        case type, owner, ticket
        case rollbackPlan = "rollback_plan"
        case verificationQuery = "verification_query"
        case backfillPlan = "backfill_plan"
    }

    package let kind: Kind
    package let rollbackPlan: String
    /// Runs after the migration in its transaction; one row with true lets it commit.
    package let verificationQuery: String
    package let backfillPlan: String
    package let owner: String
    package let ticket: String

    /// Reads the contract, or says which key of which migration is missing or wrong.
    package init(of migration: Migration) throws(PostgresError) {
        let values = Self.parse(migration.sql)
        func value(_ key: Key) throws(PostgresError) -> String {
            guard let value = values[key], !value.isEmpty else {
                throw PostgresError(
                    .migrationRefused, "migration \(migration.name) lacks \"-- \(key.rawValue):\" in its head")
            }
            return value
        }
        let type = try value(.type)
        guard let kind = Kind(rawValue: type) else {
            let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw PostgresError(
                .migrationRefused, "migration \(migration.name): \"-- type:\" must be one of \(kinds), not \(type)")
        }
        self.kind = kind
        rollbackPlan = try value(.rollbackPlan)
        verificationQuery = Self.withoutSemicolon(try value(.verificationQuery))
        backfillPlan = try value(.backfillPlan)
        owner = try value(.owner)
        ticket = try value(.ticket)
    }

    private static func parse(_ sql: String) -> [Key: String] {
        var values: [Key: String] = [:]
        var current: Key?
        for line in sql.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = line.drop(while: \.isWhitespace)
            if text.isEmpty && values.isEmpty { continue }
            guard text.hasPrefix("--") else { break }
            let comment = trim(text.dropFirst(2))
            if let colon = comment.firstIndex(of: ":"), let key = Key(rawValue: String(comment[..<colon])) {
                values[key] = String(trim(comment[comment.index(after: colon)...]))
                current = key
            } else if let current, !comment.isEmpty {
                values[current, default: ""] += " " + comment
            }
        }
        return values
    }

    private static func trim(_ text: Substring) -> Substring {
        var rest = text.drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }

    private static func withoutSemicolon(_ text: String) -> String {
        var rest = trim(text[...])
        while rest.last == ";" { rest = trim(rest.dropLast()) }
        return String(rest)
    }
}
