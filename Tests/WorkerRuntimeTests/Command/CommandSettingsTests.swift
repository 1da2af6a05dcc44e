import ProgramSettings
import SystemPackage
import Testing

@testable import WorkerRuntime

@Suite struct CommandSettingsTests {
    private func settings(_ values: [String: String]) throws -> CommandSettings {
        try CommandSettings(Settings { variable, _ in values[variable] })
    }

    @Test func `a command is a path and its arguments`() throws {
        let settings = try settings(["COMMAND": "/bin/sh  -c true", "COMMAND_GRACE_SECONDS": "0"])
        #expect(settings.executable == "/bin/sh")
        #expect(settings.arguments == ["-c", "true"])
        #expect(settings.grace == .zero)
        #expect(settings.limit == .seconds(3_600))
    }

    @Test(
        arguments: [
            ("COMMAND", nil), ("COMMAND", " "), ("COMMAND", "sh"), ("COMMAND", "bin/sh"), ("COMMAND", "/nowhere/tool"),
            ("COMMAND_GRACE_SECONDS", "9"), ("COMMAND_LIMIT_SECONDS", "0"), ("COMMAND_ENVIRONMENT", "WORKER_TOKEN"),
            ("COMMAND_ENVIRONMENT", "AMQP_URL_FILE"), ("COMMAND_ENVIRONMENT", "lower"), ("COMMAND_ENVIRONMENT", "A,,B"),
            ("COMMAND_ENVIRONMENT", "A=1"),
        ] as [(String, String?)])
    func `what is wrong is named`(variable: String, value: String?) throws {
        var values = ["COMMAND": "/bin/sh"]
        values[variable] = value
        let faults = try #require(throws: SettingFaults.self) { try settings(values) }
        #expect(faults.errors.map { ($0 as? SettingError)?.variable } == [variable])
    }

    @Test func `the summary names passed variables, not their values`() throws {
        let values = ["COMMAND": "/bin/sh", "COMMAND_ENVIRONMENT": "HF_TOKEN", "HF_TOKEN": "hidden"]
        let summary = try settings(values).summary
        #expect(summary.contains { $0 == ("COMMAND_ENVIRONMENT", "HF_TOKEN") })
        #expect(!summary.map(\.value).joined().contains("hidden"))
    }
}
