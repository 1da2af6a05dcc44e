import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One step of the schema: SQL text whose opening comment states its contract (see `MigrationContract`).
///
/// Statements that cannot run inside a transaction, such as CREATE INDEX CONCURRENTLY, do not fit.
package struct Migration: Sendable {
    /// What orders and identifies it, for example `0001_runs`.
    package let name: String
    package let sql: String

    package init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }

    /// The SHA-256 of the text, in hexadecimal.
    package var checksum: String {
        SHA256.hash(data: Data(sql.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
