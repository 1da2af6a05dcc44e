import Postgres
import Testing

@Suite struct MigrationContractTests {
    private static let keys = ["type", "rollback_plan", "verification_query", "backfill_plan", "owner", "ticket"]

    private func sql(without missing: String? = nil, type: String = "reversible") -> String {
        let head = Self.keys.filter { $0 != missing }.map { key in
            switch key {
            case "type": "-- type: \(type)"
            case "verification_query": "-- verification_query: SELECT count(*) = 0\n--   FROM shots;"
            default: "-- \(key): some \(key)"
            }
        }
        return head.joined(separator: "\n") + "\n\nCREATE TABLE shots (id uuid);\n-- owner: nobody\n"
    }

    @Test func `a whole contract is read, continued lines included`() throws {
        let contract = try MigrationContract(of: Migration(name: "0001", sql: sql()))
        #expect(contract.kind == .reversible)
        #expect(contract.verificationQuery == "SELECT count(*) = 0 FROM shots")
        #expect(contract.owner == "some owner")
        #expect(contract.ticket == "some ticket")
    }

    @Test(arguments: keys)
    func `a missing key is named together with the migration`(key: String) {
        let migration = Migration(name: "0007_shots", sql: sql(without: key))
        let error = #expect(throws: PostgresError.self) { try MigrationContract(of: migration) }
        #expect(error?.code == .migrationRefused)
        #expect(error?.detail.contains("0007_shots") == true)
        #expect(error?.detail.contains("-- \(key):") == true)
    }

    @Test func `a key without a value is missing`() {
        let text = sql().replacing("-- owner: some owner", with: "-- owner:")
        #expect(throws: PostgresError.self) { try MigrationContract(of: Migration(name: "1", sql: text)) }
    }

    @Test func `an unknown type is refused`() {
        let migration = Migration(name: "0001", sql: sql(type: "harmless"))
        #expect(throws: PostgresError.self) { try MigrationContract(of: migration) }
    }

    @Test func `the checksum is the SHA-256 of the text`() {
        #expect(
            Migration(name: "x", sql: "abc").checksum
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
