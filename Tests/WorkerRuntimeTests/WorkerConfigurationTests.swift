import Foundation
import ProgramSettings
import StudioCore
import StudioProto
import Synchronization
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
        #expect(configuration.uploadsMax == 2)
        #expect(configuration.noProgressLimit == .seconds(300))
    }

    @Test(
        arguments: [
            ("HUB_ADDRESS", nil), ("HUB_ADDRESS", "hub"), ("WORKER_TOKEN", nil), ("WORKER_TOKEN", "short"),
            ("AMQP_URL", nil), ("AMQP_URL", "http://x"), ("WORKER_KINDS", nil), ("WORKER_KINDS", "video,paint"),
            ("WORKER_KINDS", ","), ("WORKER_SLOTS", "0"), ("WORKER_SLOTS", "many"), ("WORKER_NAME", "a/b"),
            ("HEALTH_LISTEN", "x"), ("HUB_TLS_ENABLED", "perhaps"), ("WORKER_DRAIN_SECONDS", "-1"),
            ("WORKER_UPLOADS_MAX", "65"), ("WORKER_NO_PROGRESS_SECONDS", "0"),
            ("WORKER_MODELS", "flux 1"), ("WORKER_VRAM_MIB", "-1"), ("WORKER_VRAM_MIB", "24GB"),
            ("WORKER_LABELS", "zone"), ("WORKER_LABELS", "zone=eu=west"), ("WORKER_LABELS", "zone=eu,zone=us"),
            ("WORKER_MODELS", String(repeating: "m", count: 201)),
            ("WORKER_LABELS", (0..<64).map { "l\($0)=x" }.joined(separator: ",")),
        ] as [(String, String?)])
    func `what is missing or wrong is named in one line`(variable: String, value: String?) throws {
        let faults = try #require(throws: SettingFaults.self) { try configuration([variable: value]) }
        #expect(faults.errors.map { ($0 as? SettingError)?.variable } == [variable])
        #expect(!faults.description.contains("\n"))
    }

    @Test func `what the worker can do is read, told to the hub, and shown`() throws {
        let configuration = try configuration([
            "WORKER_MODELS": "wan-2.2, flux.1", "WORKER_VRAM_MIB": "24576", "WORKER_LABELS": "zone=eu, disk=fast",
        ])
        let capabilities = configuration.introduction.capabilities
        #expect(capabilities.models == ["wan-2.2", "flux.1"] && capabilities.vramMiB == 24_576)
        #expect(capabilities.labels["zone"] == "eu" && capabilities.labels["disk"] == "fast")
        #expect(capabilities.labels["host"]?.isEmpty == false)
        let hello = WireWorkerMessage(hello: configuration.introduction, worker: WorkerID()).hello
        #expect(hello.models == capabilities.models && hello.vramMib == 24_576 && hello.labels == capabilities.labels)
        let summary = Dictionary(configuration.summary.map { ($0.variable, $0.value) }) { first, _ in first }
        #expect(summary["WORKER_MODELS"] == "wan-2.2,flux.1" && summary["WORKER_VRAM_MIB"] == "24576")
        let plain = try self.configuration().introduction.capabilities
        #expect(plain.models.isEmpty && plain.vramMiB == 0 && plain.labels.count == 1)
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

    @Test func `a CA for a hub that is called in plain text is refused`() {
        let faults = #expect(throws: SettingFaults.self) { try configuration(["HUB_TLS_CA": "/dev/null"]) }
        #expect(faults?.description.contains("HUB_TLS_ENABLED=true") == true)
    }

    @Test func `a secret may lie in a file`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)").path
        try Data("from-a-file-0123456\n".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let configuration = try configuration(["WORKER_TOKEN": nil, "WORKER_TOKEN_FILE": path])
        #expect(configuration.hub.token == "from-a-file-0123456")
    }

    @Test func `the summary tells whether the ways to hub and broker are protected, and by which CAs`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "ca-\(UUID().uuidString)").path
        try Data().write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        func shown(_ values: [String: String?]) throws -> [String: String] {
            Dictionary(try configuration(values).summary.map { ($0.variable, $0.value) }) { first, _ in first }
        }
        let plain = try shown([:])
        #expect(plain["HUB_TLS_ENABLED"] == "false" && plain["HUB_TLS_CA"] == "" && plain["AMQP_TLS_CA"] == "")
        let secure = try shown([
            "HUB_TLS_ENABLED": "true", "HUB_TLS_CA": path, "AMQP_URL": "amqps://u:p@broker.test/", "AMQP_TLS_CA": path,
        ])
        #expect(secure["HUB_TLS_ENABLED"] == "true" && secure["HUB_TLS_CA"] == path && secure["AMQP_TLS_CA"] == path)
    }

    @Test func `the summary holds no secret`() throws {
        let text = try configuration().summary.map(\.value).joined(separator: " ")
        #expect(!text.contains("s3cret"))
        #expect(!text.contains("hidden"))
        #expect(text.contains("broker.test"))
    }

    @Test func `the summary names everything that is read, secrets as being set`() throws {
        let asked = Mutex<Set<String>>([])
        let values = Self.complete
        let settings = Settings { variable, _ in
            asked.withLock { _ = $0.insert(variable) }
            return values[variable]
        }
        let configuration = try WorkerConfiguration(settings, version: "1", healthPort: 8084)
        let shown = Dictionary(configuration.summary.map { ($0.variable, $0.value) }) { first, _ in first }
        #expect(asked.withLock { $0 }.subtracting(shown.keys).isEmpty)
        #expect(shown["WORKER_TOKEN"] == "(set)")
    }

    @Test func `the program's kinds go before the environment's`() throws {
        #expect(try configuration(kinds: [.compose]).introduction.kinds == [.compose])
    }
}
