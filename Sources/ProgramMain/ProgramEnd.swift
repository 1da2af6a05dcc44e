import ProgramSettings

/// How a program ends after an error: what it says, one fault a line, and its exit code.
package struct ProgramEnd: Sendable, Hashable {
    private static let failure: Int32 = 1
    /// Starting the program again does not help: somebody must change its settings.
    private static let unusableSetting: Int32 = 2

    package let lines: [String]
    package let exitCode: Int32

    package init(_ error: any Error) {
        switch error {
        case let faults as SettingFaults:
            lines = faults.errors.map(Self.line)
            exitCode = Self.unusableSetting
        default:
            lines = [Self.line(error)]
            exitCode = error is SettingError ? Self.unusableSetting : Self.failure
        }
    }

    /// Errors of libraries may take several lines.
    private static func line(_ error: any Error) -> String {
        "\(error)".split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
}
