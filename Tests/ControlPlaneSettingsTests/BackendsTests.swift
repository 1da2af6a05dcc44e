import ControlPlaneSettings
import ProgramSettings
import Synchronization
import Testing

@Suite struct BackendsTests {
    private static let complete = [
        "DATABASE_URL": "postgresql://u:hush-hush@db.test/x", "AMQP_URL": "amqp://u:hush-hush@broker.test/v",
        "S3_ENDPOINT": "http://s3.test:9000", "S3_BUCKET": "studio", "S3_ACCESS_KEY": "key",
        "S3_SECRET_KEY": "hush-hush",
    ]

    private func backends(_ changes: [String: String] = [:]) throws -> Backends {
        let values = Self.complete.merging(changes) { $1 }
        return try Backends(Settings { variable, _ in values[variable] }, program: "test")
    }

    @Test func `the summary holds what was resolved, and no secret`() throws {
        let text = try backends().summary.map(\.value).joined(separator: " ")
        #expect(text.contains("broker.test") && text.contains("http://s3.test:9000"))
        #expect(!text.contains("hush-hush"))
    }

    @Test func `the summary names everything that is read, secrets as being set`() throws {
        let asked = Mutex<Set<String>>([])
        let values = Self.complete
        let backends = try Backends(
            Settings { variable, _ in
                asked.withLock { _ = $0.insert(variable) }
                return values[variable]
            }, program: "test")
        let shown = Dictionary(backends.summary.map { ($0.variable, $0.value) }) { first, _ in first }
        #expect(asked.withLock { $0 }.subtracting(shown.keys).isEmpty)
        for secret in ["DATABASE_URL", "S3_ACCESS_KEY", "S3_SECRET_KEY"] { #expect(shown[secret] == "(set)") }
    }

    @Test func `everything that is missing is told at once`() throws {
        let faults = try #require(throws: SettingFaults.self) {
            try Backends(Settings { _, _ in nil }, program: "test")
        }
        let variables = faults.errors.map { ($0 as? SettingError)?.variable }
        #expect(
            variables == ["DATABASE_URL", "AMQP_URL", "S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"])
    }

    @Test(arguments: [
        ("DATABASE_URL", "postgresql://u:hush-hush@db.test:port/x=%"), ("DATABASE_URL", "hush-hush"),
        ("DATABASE_CONNECTIONS", "0"), ("AMQP_URL", "http://u:hush-hush@broker.test"),
        ("AMQP_URL", "amqps://u:hush-hush@broker.test"), ("AMQP_TLS_CA", "/nowhere.pem"), ("S3_ENDPOINT", "hush-hush"),
        ("S3_PUBLIC_ENDPOINT", "http://u:hush-hush@s3.test"), ("S3_BUCKET", "Upper"), ("S3_REGION", "a b"),
        ("S3_ACCESS_KEY", "a b"), ("S3_SECRET_KEY", "hush-hush hush-hush"),
    ])
    func `what a driver refuses is one line that names the variable, without the value`(
        variable: String, value: String
    ) throws {
        let faults = try #require(throws: SettingFaults.self) { try backends([variable: value]) }
        let lines = faults.errors.map { "\($0)" }
        #expect(lines.count == 1)
        #expect(lines.allSatisfy { $0.hasPrefix("\(variable): ") && !$0.contains("\n") && !$0.contains("hush-hush") })
        #expect(!faults.description.contains("Error"), "a type's name is for nobody who reads this")
    }
}
