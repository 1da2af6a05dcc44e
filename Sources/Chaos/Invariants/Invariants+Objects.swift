import Foundation
import ObjectStore
import Postgres
import StudioCore
import SystemPackage

extension Invariants {
    /// Objects looked at side by side.
    private static let readersMax = 8

    /// I5: every visible artifact is there, where its attempt alone could write, and its bytes hash to the record.
    static func objectViolations(_ client: PostgresClient, _ objects: S3Client) async throws -> [String] {
        let rows = try await client.query(
            "SELECT run_id, task_id, attempt, name, object_key, size, encode(sha256, 'hex') AS sha256 FROM artifacts")
        return try await withThrowingTaskGroup(of: [String].self) { group in
            var violations: [String] = []
            for (index, row) in rows.enumerated() {
                if index >= readersMax, let found = try await group.next() { violations += found }
                group.addTask { try await self.violations(of: row, objects) }
            }
            for try await found in group { violations += found }
            return violations.sorted()
        }
    }

    private static func violations(of row: Row, _ objects: S3Client) async throws -> [String] {
        let key: String = try row.decode("object_key")
        let run = RunID(try row.decode("run_id", as: UUID.self))
        let task = TaskID(try row.decode("task_id", as: UUID.self))
        let expected = "runs/\(run)/\(task)/\(try row.decode("attempt", as: Int.self))/"
        let target = FilePath(FileManager.default.temporaryDirectory.path).appending("artifact-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: target.string) }
        var violations: [String] = []
        if key != expected + (try row.decode("name", as: String.self)) { violations.append("I5 key: \(key)") }
        do {
            let object = try await objects.head(key: key)
            if try object?.size != row.decode("size", as: Int64.self) { violations.append("I5 size: \(key)") }
            try await objects.download(key: key, to: target, expectedSHA256: try row.decode("sha256"))
        } catch let error as ObjectStoreError {
            violations.append("I5 \(error): \(key)")
        }
        return violations
    }
}
