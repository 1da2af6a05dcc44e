import Testing

@Suite struct BanTests {
    @Test func `nothing banned is written`() {
        let bans = Ban.all
        expectNone(Repository.sources.flatMap { source in bans.flatMap { $0.violations(in: source) } })
    }

    @Test func `exceptions are for files that need them`() {
        for path in Ban.uncheckedSendable.keys { #expect(uses("@unchecked Sendable", path), "\(path)") }
        for path in Ban.unsafeIsolation.keys { #expect(uses("nonisolated(unsafe)", path), "\(path)") }
    }

    @Test func `each ban finds what it is for`() {
        let samples = [
            "let x = try! f()", "fatalError()", "    print(x)", "Task { f() }", "let t = Task.detached { }",
            "x = Task.immediate { }",
            "Task(priority: .low) { }", "final class C: @unchecked Sendable {", "nonisolated(unsafe) let x = 1",
            "public struct S {}", "    open class C {}", "import XCTest",
        ]
        for sample in samples {
            let source = SwiftSource(Text(path: "Sources/Telemetry/X.swift", text: "\n" + sample))
            let found = Ban.all.flatMap { $0.violations(in: source) }
            #expect(found.map(\.line) == [2], "\(sample)")
        }
    }

    @Test func `words in comments, strings and names are no code`() {
        let text = """
            // try! print(x)
            /* public /* Task { */ fatalError() */
            let a = "try! \\" print(x)"; let b = #"public " struct"#
            let c = \"""
                Task { }
                \"""
            func `a public print(`() {}
            group.addTask { output.print(a) }
            """
        let source = SwiftSource(Text(path: "Sources/Telemetry/X.swift", text: text))
        expectNone(Ban.all.flatMap { $0.violations(in: source) })
        #expect(source.code.count == source.lines.count)
        #expect(source.code[2].contains("let a =") && source.code[2].contains("let b ="))
    }

    private func uses(_ word: String, _ path: String) -> Bool {
        Repository.sources.contains { $0.path == path && $0.code.contains { $0.contains(word) } }
    }
}
