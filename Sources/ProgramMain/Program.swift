package import ArgumentParser
import Configuration
import Foundation
package import Logging
package import ProgramSettings
package import Telemetry

/// A program: reads its settings, makes its services, and runs them until it is told to stop.
///
/// It ends with 0 in good order, with 2 when a setting cannot be used, with 1 when a service fails; then its last lines
/// on standard error say why, see ``ProgramEnd``.
package protocol Program: AsyncParsableCommand {
    /// Everything that the program must be told, validated.
    associatedtype Resolved

    /// Whether only to print the settings, without secrets.
    var checkConfig: Bool { get }

    /// Reads the settings.
    ///
    /// - Throws: ``SettingError``, or ``SettingFaults`` for several.
    func resolve(_ settings: Settings) throws -> Resolved

    /// What was resolved, by variable, without secrets.
    func summary(of resolved: Resolved) -> [(variable: String, value: String)]

    /// Makes the services; connects to nothing yet.
    func services(_ resolved: Resolved, telemetry: Telemetry, logger: Logger) throws -> ProgramServices
}

extension Program {
    package func run() async throws {
        do {
            try await run(Settings(ConfigReader(provider: EnvironmentVariablesProvider())))
        } catch {
            let end = ProgramEnd(error)
            let text = end.lines.map { "\(Self.name): \($0)\n" }.joined()
            try FileHandle.standardError.write(contentsOf: Data(text.utf8))
            throw ExitCode(end.exitCode)
        }
    }

    private static var name: String { configuration.commandName ?? "\(Self.self)" }

    private func run(_ settings: Settings) async throws {
        var faults = SettingFaults()
        let logs = faults.collect { try TelemetryConfiguration(settings) }
        let resolved = faults.collect { try resolve(settings) }
        guard let logs, let resolved else { throw faults }
        guard !checkConfig else {
            let lines = (summary(of: resolved) + logs.summary).map { "\($0.variable)=\($0.value)\n" }
            return try FileHandle.standardOutput.write(contentsOf: Data(lines.joined().utf8))
        }
        let telemetry = Telemetry.bootstrap(service: Self.name, logs)
        let logger = Logger(label: Self.name)
        try await services(resolved, telemetry: telemetry, logger: logger).run(logger: logger)
    }
}
