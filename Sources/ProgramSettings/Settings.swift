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

    /// The secret in `variable`, or in the file that `variable` with `_FILE` names, less the file's last line end.
    ///
    /// - Throws: ``SettingError``, without the value, when there is none, the file cannot be read, or it holds what was
    ///   hardly meant: blanks at its ends, or control characters.
    package func secret(_ variable: String) throws -> String {
        let value: String
        if let text = lookUp(variable, true), !text.isEmpty {
            value = text
        } else {
            let fileVariable = variable + "_FILE"
            guard let path = try file(fileVariable) else {
                throw SettingError(variable, "is required (or \(fileVariable), the path of a file that holds it)")
            }
            guard let content = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw SettingError(fileVariable, "\(path) holds no UTF-8 text")
            }
            value = String(content.reversed().drop(while: \.isNewline).reversed())
            guard !value.isEmpty else { throw SettingError(fileVariable, "\(path) is empty") }
        }
        let isClean =
            value.first?.isWhitespace == false && value.last?.isWhitespace == false
            && value.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard isClean else {
            throw SettingError(variable, "begins or ends with a blank, or holds a control character: remove it")
        }
        return value
    }

    /// A secret that nobody may guess: at least ``keyMin`` printable characters of ASCII without blanks.
    ///
    /// - Throws: ``SettingError``, without the value.
    package func key(_ variable: String) throws -> String {
        let value = try secret(variable)
        try Self.checkKey(value, variable)
        return value
    }

    /// Shorter keys can be guessed.
    package static let keyMin = 16

    /// Throws ``SettingError`` unless `value` can be a key, see ``key(_:)``.
    package static func checkKey(_ value: String, _ variable: String) throws {
        guard value.utf8.count >= keyMin, value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw SettingError(
                variable,
                "must have at least \(keyMin) printable characters without spaces: make one with `openssl rand -hex 32`"
            )
        }
    }

    /// The path in `variable`, of a file that can be read; `nil` when it is unset.
    package func file(_ variable: String) throws -> String? {
        guard let path = text(variable) else { return nil }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw SettingError(variable, "there is no file \(path)")
        }
        guard !isDirectory.boolValue, FileManager.default.isReadableFile(atPath: path) else {
            throw SettingError(variable, "\(path) cannot be read: it must be a file that this user may read")
        }
        return path
    }

    /// As ``file(_:)``; throws ``SettingError`` when it is unset.
    package func requiredFile(_ variable: String) throws -> String {
        guard let path = try file(variable) else { throw SettingError(variable, "is required: the path of a file") }
        return path
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

    /// A name or an address; throws ``SettingError`` for anything else.
    package func host(_ variable: String, default value: String) throws -> String {
        let text = text(variable) ?? value
        guard ListenAddress.isHost(text) else {
            throw SettingError(variable, "is \"\(text)\", but must be a name or an address, such as 127.0.0.1")
        }
        return text
    }

    /// `host:port`; throws ``SettingError`` for anything else.
    package func address(_ variable: String, default value: String) throws -> ListenAddress {
        let text = text(variable) ?? value
        guard let address = ListenAddress(text) else {
            throw SettingError(variable, "is \"\(text)\", but must be host:port (an IPv6 address in brackets)")
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
