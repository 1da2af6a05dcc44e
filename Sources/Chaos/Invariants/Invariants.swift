package import ObjectStore
package import Postgres

/// What must be true of a database whose runs have all ended, and of the objects that it names.
package enum Invariants {
    /// A rule as the query that finds what breaks it, in a column `what`.
    struct Rule {
        let name: String
        let offenders: SQL
    }

    /// Violations told of each rule.
    private static let toldMax = 5

    /// Checks every rule, and every visible object byte for byte.
    ///
    /// - Throws: ``BrokenInvariants`` with all that is wrong; also when there is nothing to check.
    package static func check(client: PostgresClient, objects: S3Client) async throws {
        let found = try await violations(client: client, objects: objects)
        if !found.isEmpty { throw BrokenInvariants(violations: found) }
    }

    /// Everything that is wrong, each with the rule that it breaks.
    package static func violations(client: PostgresClient, objects: S3Client) async throws -> [String] {
        try await violations(client: client) + objectViolations(client, objects)
    }

    /// Everything that is wrong with the rows, each with the rule that it breaks.
    package static func violations(client: PostgresClient) async throws -> [String] {
        var violations: [String] = []
        for rule in rules {
            let rows = try await client.query(rule.offenders)
            if rows.isEmpty { continue }
            let told = try rows.prefix(toldMax).map { try $0.decode("what", as: String.self) }
            violations.append("\(rule.name): \(rows.count), such as \(told.joined(separator: ", "))")
        }
        if try await client.query("SELECT FROM tasks LIMIT 1").isEmpty {
            violations.append("I1 there is no task, so the invariants say nothing")
        }
        return violations
    }
}

/// Promises that a studio did not keep.
package struct BrokenInvariants: Error, CustomStringConvertible {
    package let violations: [String]

    package var description: String { "broken invariants:\n" + violations.joined(separator: "\n") }
}
