import Foundation
import ProgramSettings
import StudioCore
import SystemPackage
import Testing

@testable import WorkerRuntime

@Suite struct WorkerConfigurationTests {
    private static let complete = [
        "HUB_ADDRESS": "hub.test:8081", "WORKER_TOKEN": "s3cret-0123456789",
        "AMQP_URL": "amqp://u:hidden@broker.test/v", "WORKER_KINDS": "video, audio", "WORKER_NAME": "left",
        "WORKER_DIRECTORY": "/srv/w",
    ]

    private func configuration(
        _ changes: [String: String?] = [:], kinds: [TaskKind]? = nil
    ) throws -> WorkerConfiguration {
        let values = Self.complete.merging(changes.compactMapValues { $0 }) { $1 }
            .filter { changes[$0.key] != .some(nil) }
        return try WorkerConfiguration(
            Settings { variable, _ in values[variable] }, kinds: kinds, version: "1", healthPort: 8084)
    }

    @Test func `a complete environment is read`() throws {
        let configuration = try configuration()
        #expect(configuration.introduction.kinds == [.video, .audio])
        #expect(configuration.introduction.slots == 1)
        #expect(configuration.directory == "/srv/w/left")
        #expect(configuration.health == ListenAddress(host: "127.0.0.1", port: 8084))
        #expect(configuration.hub.security == .plaintext)
    }

    @Test(
        arguments: [
            ("HUB_ADDRESS", nil), ("HUB_ADDRESS", "hub"), ("WORKER_TOKEN", nil), ("WORKER_TOKEN", "short"),
            ("AMQP_URL", nil), ("AMQP_URL", "http://x"), ("WORKER_KINDS", nil), ("WORKER_KINDS", "video,paint"),
            ("WORKER_KINDS", ","), ("WORKER_SLOTS", "0"), ("WORKER_SLOTS", "many"), ("WORKER_NAME", "a/b"),
            ("HEALTH_LISTEN", "x"), ("HUB_TLS_ENABLED", "perhaps"), ("WORKER_DRAIN_SECONDS", "-1"),
        ] as [(String, String?)])
    func `what is missing or wrong is named in one line`(variable: String, value: String?) throws {
        let faults = try #require(throws: SettingFaults.self) { try configuration([variable: value]) }
        #expect(faults.errors.map { ($0 as? SettingError)?.variable } == [variable])
        #expect(!faults.description.contains("\n"))
    }

    @Test func `everything that is missing is told at once`() throws {
        let faults = try #require(throws: SettingFaults.self) {
            try WorkerConfiguration(Settings { _, _ in nil }, version: "1", healthPort: 8084)
        }
        let variables = faults.errors.map { ($0 as? SettingError)?.variable }
        #expect(variables == ["WORKER_KINDS", "HUB_ADDRESS", "WORKER_TOKEN", "AMQP_URL"])
    }

    @Test func `a CA that cannot be read is refused at start`() {
        let faults = #expect(throws: SettingFaults.self) {
            try configuration(["HUB_TLS_ENABLED": "true", "HUB_TLS_CA": "/nowhere.pem"])
        }
        #expect(faults?.description == "HUB_TLS_CA: there is no file /nowhere.pem")
    }

    @Test func `a secret may lie in a file`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)").path
        try Data("from-a-file-0123456\n".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let configuration = try configuration(["WORKER_TOKEN": nil, "WORKER_TOKEN_FILE": path])
        #expect(configuration.hub.token == "from-a-file-0123456")
    }

    @Test func `the summary holds no secret`() throws {
        let text = try configuration().summary.map(\.value).joined(separator: " ")
        #expect(!text.contains("s3cret"))
        #expect(!text.contains("hidden"))
        #expect(text.contains("broker.test"))
    }

    @Test func `the program's kinds go before the environment's`() throws {
        #expect(try configuration(kinds: [.compose]).introduction.kinds == [.compose])
    }
}
