import Testing

/// A place where a rule is broken, and what to write instead.
struct Violation: CustomStringConvertible {
    /// Relative to the repository.
    let file: String
    /// From 1; `nil` for the file as a whole.
    let line: Int?
    let text: String

    init(_ file: String, line: Int? = nil, _ text: String) {
        self.file = file
        self.line = line
        self.text = text
    }

    var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(text)" }
}

/// Fails the running test once for each violation, so that all of them are seen at once.
func expectNone(_ violations: [Violation], sourceLocation: SourceLocation = #_sourceLocation) {
    for violation in violations { Issue.record("\(violation)", sourceLocation: sourceLocation) }
}
