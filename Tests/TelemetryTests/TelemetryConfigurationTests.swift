import Logging
import ProgramSettings
import Testing

@testable import Telemetry

@Suite struct TelemetryConfigurationTests {
    private func read(_ values: [String: String]) throws -> TelemetryConfiguration {
        try TelemetryConfiguration(Settings { variable, _ in values[variable] })
    }

    @Test func `without configuration it is text from info on`() throws {
        let configuration = try read([:])
        #expect(configuration.level == .info)
        #expect(configuration.format == .text)
    }

    @Test func `level and format are read in any case`() throws {
        let configuration = try read(["LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json"])
        #expect(configuration.level == .debug)
        #expect(configuration.format == .json)
    }

    @Test func `a wrong value is refused with the variable's name and what it may be`() throws {
        let fault = try #require(throws: SettingError.self) { try read(["LOG_LEVEL": "loud"]) }
        #expect(fault.description.contains("LOG_LEVEL"))
        #expect(fault.description.contains("loud"))
        #expect(fault.description.contains("warning"))
    }
}
