import Postgres
import Testing

/// Proof that the conditions in the store's statements are needed, and that their absence is noticed: on the real
/// database, each mutant is caught by a scenario that passes without it.
@Suite(.serialized, .timeLimit(.minutes(5))) struct MutantTests {
    @Test func `the store plays every scenario through the proxy as it should`() async throws {
        try await MutantBench.with { bench in
            for scenario in MutantScenario.all {
                do {
                    try await bench.play(scenario)
                } catch {
                    Issue.record("\(scenario.name): \(error)")
                }
            }
        }
    }

    @Test func `every mutant is caught`() async throws {
        let start = ContinuousClock.now
        var lines: [String] = []
        try await MutantBench.with { bench in
            for mutant in Mutant.all {
                bench.mutant.set(mutant)
                let catcher = await catcher(in: bench)
                #expect(bench.mutant.isMet, "\(mutant.name): no statement was what it was made for")
                #expect(catcher != nil, "\(mutant.name): nothing notices it")
                lines.append("  \(mutant.name): \(catcher.map { "\($0.name) (\($0.reason))" } ?? "missed")")
            }
        }
        MutantBench.show(
            ["\(Mutant.all.count) mutants of the store in \((ContinuousClock.now - start) / .seconds(1)) s"] + lines)
    }

    /// The first scenario that fails, and why.
    private func catcher(in bench: MutantBench) async -> (name: String, reason: String)? {
        for scenario in MutantScenario.all {
            do {
                try await bench.play(scenario)
            } catch {
                guard isMeaningful(error) else {
                    Issue.record("\(bench.mutant.name) is no statement: \(error)")
                    return nil
                }
                return (scenario.name, String("\(error)".prefix(160)))
            }
        }
        return nil
    }

    /// Whether an error tells of what the statement did, and not that Postgres could not read it or was not there.
    private func isMeaningful(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return true }
        switch error.code {
        case .statementFailed: return error.sqlState?.errorClass != "42"
        case .decodingFailed: return true
        default: return false
        }
    }

    @Test func `a statement is found in what a client says, however it is cut, and only its text is changed`() {
        let startup: [UInt8] = [0, 0, 0, 9, 0, 3, 0, 0, 0]
        let encryption: [UInt8] = [0, 0, 0, 8, 4, 210, 22, 47]
        func message(_ type: Character, _ body: [UInt8]) -> [UInt8] {
            [type.asciiValue ?? 0, 0, 0, 0, UInt8(body.count + 4)] + body
        }
        func said(_ text: String) -> [UInt8] {
            encryption + startup + message("p", Array("secret one\0".utf8))
                + message("P", Array("s1\0\(text)\0".utf8) + [0, 1, 0, 0, 0, 23])
                + message("B", Array("\0s1\0one".utf8)) + message("Q", Array("\(text)\0".utf8))
        }
        for size in [1, 2, 3, 7, 500] {
            var filter = StatementFilter { $0.replacing("one", with: "a dozen") }
            let bytes = said("SELECT one")
            var passed: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                passed += filter.pass(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(passed == said("SELECT a dozen"))
        }
    }
}
