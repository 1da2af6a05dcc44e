package import Configuration
import Foundation

/// The settings of a program by the names of their environment variables; a secret may also lie in a file that
/// `…_FILE` names.
package struct Settings: Sendable {
    private let lookUp: @Sendable (_ variable: String, _ isSecret: Bool) -> String?

    /// - Parameter lookUp: answers the value of a variable, `nil` when it is unset.
    package init(_ lookUp: @escaping @Sendable (_ variable: String, _ isSecret: Bool) -> String?) {
        self.lookUp = lookUp
    }

    /// Reads the environment through `config`: `DATABASE_URL` is its key `database.url`.
    package init(_ config: ConfigReader) {
        self.init { variable, isSecret in
            let key = ConfigKey(variable.lowercased().split(separator: "_").map(String.init))
            return config.string(forKey: key, isSecret: isSecret)
        }
    }

    /// The value of `variable`; `nil` when it is unset or empty.
    package func text(_ variable: String) -> String? {
        lookUp(variable, false).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The secret in `variable`, or in the file that `variable` with `_FILE` names.
    ///
    /// - Throws: ``SettingError`` when there is none, or the file cannot be read.
    package func secret(_ variable: String) throws -> String {
        if let value = lookUp(variable, true), !value.isEmpty { return value }
        guard let path = text(variable + "_FILE") else { throw SettingError(variable, "is required") }
        guard let content = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw SettingError(variable + "_FILE", "\(path) cannot be read")
        }
        let value = content.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !value.isEmpty else { throw SettingError(variable + "_FILE", "\(path) is empty") }
        return value
    }

    /// The value of `variable`; throws ``SettingError`` when it is unset.
    package func required(_ variable: String) throws -> String {
        guard let value = text(variable) else { throw SettingError(variable, "is required") }
        return value
    }

    /// A whole number in `range`; throws ``SettingError`` for anything else.
    package func integer(_ variable: String, in range: ClosedRange<Int>, default value: Int) throws -> Int {
        guard let text = text(variable) else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw SettingError(variable, "is \"\(text)\", but must be a whole number in \(range)")
        }
        return number
    }

    /// `host:port`; throws ``SettingError`` for anything else.
    package func address(_ variable: String, default value: String) throws -> ListenAddress {
        let text = text(variable) ?? value
        guard let address = ListenAddress(text) else {
            throw SettingError(variable, "is \"\(text)\", but must be host:port")
        }
        return address
    }

    /// `true` or `false`, `false` when unset; throws ``SettingError`` for anything else.
    package func boolean(_ variable: String) throws -> Bool {
        switch text(variable)?.lowercased() {
        case nil, "false", "0", "no", "off": false
        case "true", "1", "yes", "on": true
        case .some(let text): throw SettingError(variable, "is \"\(text)\", but must be true or false")
        }
    }
}
