import Foundation
import Testing

@testable import ProgramSettings

@Suite struct SettingsTests {
    private static let good = "0123456789abcdef"

    private func settings(_ values: [String: String]) -> Settings {
        Settings { variable, _ in values[variable] }
    }

    /// Runs the body with a file that holds `content`.
    private func withFile(_ content: String, _ body: (String) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString)")
        try Data(content.utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(url.path)
    }

    @Test func `a key of sixteen characters will do`() throws {
        #expect(try settings(["HUB_SECRET": Self.good]).key("HUB_SECRET") == Self.good)
    }

    @Test(arguments: ["short", "0123456789abcde", "0123456789 abcdef", "0123456789abcdéf"])
    func `a key that can be guessed or mistaken is refused, and not repeated`(value: String) throws {
        let error = try #require(throws: SettingError.self) { try settings(["HUB_SECRET": value]).key("HUB_SECRET") }
        #expect(error.variable == "HUB_SECRET")
        #expect(error.problem.contains("openssl rand"))
        #expect(!error.description.contains(value))
    }

    @Test(arguments: [" padded-0123456789", "padded-0123456789 ", "line-end-0123456789\n", "bell-\u{7}-0123456789"])
    func `a secret with blanks at its ends or control characters is refused, and not repeated`(value: String) throws {
        let settings = settings(["S3_SECRET_KEY": value])
        let error = try #require(throws: SettingError.self) { try settings.secret("S3_SECRET_KEY") }
        #expect(error.variable == "S3_SECRET_KEY")
        #expect(!error.description.contains("0123456789"))
    }

    @Test(arguments: ["", "\n", "\r\n"])
    func `the last line end of a secret's file is not part of it`(ending: String) throws {
        try withFile(Self.good + ending) { path in
            let key = try settings(["API_KEY_FILE": path]).key("API_KEY")
            #expect(key == Self.good)
        }
    }

    @Test func `a secret's file is held to the same rules`() throws {
        try withFile("with a tab\tinside") { path in
            let error = #expect(throws: SettingError.self) { try settings(["API_KEY_FILE": path]).secret("API_KEY") }
            #expect(error?.variable == "API_KEY")
        }
        try withFile("\n") { path in
            let error = #expect(throws: SettingError.self) { try settings(["API_KEY_FILE": path]).secret("API_KEY") }
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test(arguments: ["/nowhere/key", "/"])
    func `a secret's file that cannot be read is named`(path: String) {
        let error = #expect(throws: SettingError.self) { try settings(["API_KEY_FILE": path]).secret("API_KEY") }
        #expect(error?.variable == "API_KEY_FILE")
        #expect(error?.problem.contains(path) == true)
    }

    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1", 80), ("[::1]:8081", "::1", 8081), ("worker-hub:0", "worker-hub", 0),
    ])
    func `an address is read, and written as it was`(text: String, host: String, port: Int) throws {
        let address = try settings(["HUB_LISTEN": text]).address("HUB_LISTEN", default: "")
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.description == text)
    }

    @Test(arguments: [
        "8081", ":8081", "host", "host:", "host:x", "host:65536", "::1:8081", "[host]:8081", "[]:1", "a b:1",
        "http://host:1", "host/:1",
    ])
    func `what is no address is refused`(text: String) {
        let error = #expect(throws: SettingError.self) {
            try settings(["HUB_LISTEN": text]).address("HUB_LISTEN", default: "")
        }
        #expect(error?.description.hasPrefix("HUB_LISTEN: ") == true)
    }

    @Test(arguments: ["a b", "http://host", "host/", "[::1]"])
    func `what is no host is refused`(text: String) {
        let error = #expect(throws: SettingError.self) {
            try settings(["HTTP_HOST": text]).host("HTTP_HOST", default: "127.0.0.1")
        }
        #expect(error?.variable == "HTTP_HOST")
    }

    @Test func `faults are collected, those of parts too`() {
        var part = SettingFaults()
        let missing = part.collect { try settings([:]).required("B") }
        var faults = SettingFaults()
        let found = faults.collect { try settings(["A": "1"]).required("A") }
        for error in [part, SettingError("C", "is required")] as [any Error] { _ = faults.collect { throw error } }
        #expect(missing == nil)
        #expect(found == "1")
        #expect(faults.description == "B: is required\nC: is required")
    }

    @Test func `a line is taken apart at the variable's name`() {
        let error = SettingError(line: "S3_ENDPOINT: is not a URL: x")
        #expect(error.variable == "S3_ENDPOINT")
        #expect(error.problem == "is not a URL: x")
    }
}
