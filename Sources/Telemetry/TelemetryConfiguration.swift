package import Logging
package import ProgramSettings

/// How a program logs.
package struct TelemetryConfiguration: Sendable {
    package var level: Logger.Level
    package var format: LogFormat

    package init(level: Logger.Level = .info, format: LogFormat = .text) {
        self.level = level
        self.format = format
    }

    /// Reads the environment.
    ///
    /// - `LOG_LEVEL` (`trace`, `debug`, `info`, `notice`, `warning`, `error`, `critical`; default `info`).
    /// - `LOG_FORMAT` (`text` or `json`; default `text`).
    ///
    /// - Throws: `SettingError`.
    package init(_ settings: Settings) throws {
        self.init(
            level: try Self.choice("LOG_LEVEL", of: Logger.Level.allCases, default: .info, in: settings),
            format: try Self.choice("LOG_FORMAT", of: LogFormat.allCases, default: .text, in: settings))
    }

    /// What was resolved, by variable.
    package var summary: [(variable: String, value: String)] {
        [("LOG_LEVEL", "\(level)"), ("LOG_FORMAT", "\(format)")]
    }

    private static func choice<Value: RawRepresentable<String>>(
        _ variable: String, of choices: [Value], default value: Value, in settings: Settings
    ) throws -> Value {
        guard let text = settings.text(variable) else { return value }
        guard let choice = Value(rawValue: text.lowercased()) else {
            let allowed = choices.map(\.rawValue).joined(separator: ", ")
            throw SettingError(variable, "is \"\(text)\", but may only be one of: \(allowed)")
        }
        return choice
    }
}
