/// A Swift file, as written and as code alone.
struct SwiftSource {
    let path: String
    let lines: [Substring]
    /// The lines with comments, string literals and backticked names blanked out: what is left is code.
    let code: [String]

    init(_ text: Text) {
        path = text.path
        lines = text.lines
        code = CodeOnly.text(of: text.text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The target that the file belongs to: `Postgres` for `Sources/Postgres/Pool/Pool.swift`.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && (parts[0] == "Sources" || parts[0] == "Tests") ? String(parts[1]) : nil
    }

    var isTest: Bool { path.hasPrefix("Tests/") }

    /// The modules that the file imports, with the line of each, from 1.
    var imports: [(module: String, line: Int)] {
        code.enumerated().compactMap { index, line in
            guard line.contains("import "), let match = line.firstMatch(of: Self.importing) else { return nil }
            return (String(match.output.1), index + 1)
        }
    }

    /// Attributes, an access level, and the kind of what is imported may stand around `import`.
    private nonisolated(unsafe) static let importing =
        #/
        ^\s* (?:@\w+(?:\([^)]*\))?\s+)* (?:(?:public|package|internal|fileprivate|private)\s+)?
        import\s+ (?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)? (\w+)
        /#
}
