/// A setting that is missing or cannot be used; its text is one line that names the variable.
package struct SettingError: Error, Sendable, CustomStringConvertible {
    /// The environment variable's name.
    package let variable: String
    package let problem: String

    package init(_ variable: String, _ problem: String) {
        self.variable = variable
        self.problem = problem
    }

    /// Takes a line that begins with the variable's name and a colon.
    package init(line: String) {
        let parts = line.split(separator: ": ", maxSplits: 1)
        self.init(String(parts.first ?? ""), String(parts.last ?? ""))
    }

    package var description: String { "\(variable): \(problem)" }
}
