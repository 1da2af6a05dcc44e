import Testing

@Suite struct ShapeTests {
    private static let columnsMax = 120
    private static let linesMax = 400
    private static let topLevel: Set<String> = [
        "Package.swift", "Sources", "Tests", "compose", "proto", "README.md", "Makefile",
        ".ci", ".editorconfig", ".gitignore", ".swift-format",
    ]

    @Test func `lines end at column 120`() {
        let texts = Repository.sources.map { ($0.path, $0.lines) }
        expectNone(
            texts.flatMap { path, lines in
                lines.enumerated().compactMap { index, line in
                    // Bytes first: they are counted for free, and there are never fewer.
                    guard line.utf8.count > Self.columnsMax, line.count > Self.columnsMax else { return nil }
                    return Violation(path, line: index + 1, "\(line.count) columns: break the line")
                }
            })
    }

    @Test func `a file is one thing`() {
        expectNone(
            Repository.sources.filter { $0.lines.count > Self.linesMax + 1 }
                .map { Violation($0.path, "\($0.lines.count - 1) lines: this is usually two things") })
    }

    @Test func `nothing is left for later in comments`() {
        // Assembled, so that this file does not hold them.
        let words = ["TO" + "DO", "FIX" + "ME"]
        expectNone(
            find(in: Repository.texts.filter { !$0.path.hasSuffix(".md") }) { line in
                words.first { line.contains($0) }.map { "\($0): do it, or open an issue" }
            })
    }

    @Test func `the top level is the agreed one`() throws {
        let entries = Set(try Repository.entries())
        #expect(entries.subtracting(Self.topLevel).isEmpty)
        #expect(Self.topLevel.subtracting(entries).isEmpty, "missing")
    }

    @Test func `no path of somebody's machine is written down`() {
        let path = /(?:^|[^A-Za-z0-9_.\/-])\/(?:home|Users|root|work|farm|tmp\/w)(?![A-Za-z0-9_.-])/
        expectNone(
            find(in: Repository.texts) { line in
                guard line.contains("/") else { return nil }
                return line.firstMatch(of: path).map { "\($0.output): make it relative, or a variable" }
            })
    }

    @Test func `every migration has its contract and is compiled in`() throws {
        let keys = ["type", "rollback_plan", "verification_query", "backfill_plan", "owner", "ticket"]
        let folder = "Sources/StudioStore/Migrations"
        let names = try Repository.entries(folder)
        let embedded = try PackageManifest().embedded.filter { $0.hasPrefix("Migrations/") }
        #expect(Set(names.map { "Migrations/\($0)" }) == embedded)
        for (index, name) in names.enumerated() {
            let number = String(index + 1)
            let prefix = String(repeating: "0", count: 4 - number.count) + number + "_"
            #expect(name.hasPrefix(prefix), "\(name): numbers have no gaps")
            let head = try Repository.text("\(folder)/\(name)").lines.prefix { $0.hasPrefix("--") }
            for key in keys {
                let value = head.first { $0.hasPrefix("-- \(key): ") }?.dropFirst("-- \(key): ".count)
                #expect(value?.isEmpty == false, "\(name) lacks \"-- \(key):\" in its head")
                guard key == "type", let value else { continue }
                #expect(["reversible", "forward_only", "destructive"].contains(value), "\(name): type \(value)")
            }
        }
    }

    private func find(in texts: [Text], _ problem: (Substring) -> String?) -> [Violation] {
        texts.flatMap { text in
            text.lines.enumerated().compactMap { index, line in
                problem(line).map { Violation(text.path, line: index + 1, $0) }
            }
        }
    }
}
