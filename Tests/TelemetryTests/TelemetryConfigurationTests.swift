import Configuration
import Logging
import Testing

@testable import Telemetry

@Suite struct TelemetryConfigurationTests {
    private func read(_ values: [AbsoluteConfigKey: ConfigValue]) throws -> TelemetryConfiguration {
        try TelemetryConfiguration(config: ConfigReader(provider: InMemoryProvider(values: values)))
    }

    @Test func `without configuration it is text from info on`() throws {
        let configuration = try read([:])
        #expect(configuration.level == .info)
        #expect(configuration.format == .text)
    }

    @Test func `level and format are read in any case`() throws {
        let configuration = try read(["log.level": "DEBUG", "log.format": "json"])
        #expect(configuration.level == .debug)
        #expect(configuration.format == .json)
    }

    @Test func `a wrong value is refused with the variable's name and what it may be`() throws {
        let fault = try #require(throws: TelemetryConfiguration.Fault.self) { try read(["log.level": "loud"]) }
        #expect(fault.description.contains("LOG_LEVEL"))
        #expect(fault.description.contains("loud"))
        #expect(fault.description.contains("warning"))
    }
}
