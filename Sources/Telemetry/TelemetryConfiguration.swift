package import Configuration
package import Logging

/// How a program logs.
///
/// Keys:
/// - `log.level` (`trace`, `debug`, `info`, `notice`, `warning`, `error`, `critical`; default `info`).
/// - `log.format` (`text` or `json`; default `text`).
package struct TelemetryConfiguration: Sendable {
    /// A value that cannot be used.
    package struct Fault: Error, CustomStringConvertible {
        /// Names the variable, what it holds, and what it may hold.
        package let description: String
    }

    package var level: Logger.Level
    package var format: LogFormat

    package init(level: Logger.Level = .info, format: LogFormat = .text) {
        self.level = level
        self.format = format
    }

    package init(config: ConfigReader) throws {
        self.init(
            level: try Self.choice("log.level", of: Logger.Level.allCases, default: .info, in: config),
            format: try Self.choice("log.format", of: LogFormat.allCases, default: .text, in: config))
    }

    private static func choice<Value: RawRepresentable<String>>(
        _ key: ConfigKey, of choices: [Value], default value: Value, in config: ConfigReader
    ) throws -> Value {
        guard let text = config.string(forKey: key), !text.isEmpty else { return value }
        guard let choice = Value(rawValue: text.lowercased()) else {
            let variable = key.components.joined(separator: "_").uppercased()
            let allowed = choices.map(\.rawValue).joined(separator: ", ")
            throw Fault(description: "\(variable) is \"\(text)\", but may only be one of: \(allowed)")
        }
        return choice
    }
}
