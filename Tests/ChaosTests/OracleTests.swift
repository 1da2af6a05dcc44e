import Foundation
import StudioCore
import SystemPackage
import Testing

@testable import Chaos

@Suite struct OracleTests {
    /// A history that a test writes, and a truth to compare it with.
    private final class Bench {
        let history: History
        let run = RunID()
        private let path: FilePath

        init() throws {
            path = FilePath(FileManager.default.temporaryDirectory.path).appending("history-\(UUID().uuidString)")
            history = try History(file: path)
        }

        deinit { try? FileManager.default.removeItem(atPath: path.string) }

        func create(_ key: String = "k", run: RunID? = nil, tasks: Int? = 3) {
            history.answer(history.ask(.create, key: key, tasks: tasks), .done, run: run ?? self.run, state: .queued)
        }

        func ask(_ operation: HistoryEntry.Operation, _ outcome: HistoryEntry.Outcome = .done) {
            history.answer(history.ask(operation, run: run), outcome)
        }

        func judge(_ truth: RunTruth...) -> Oracle.Verdict { Oracle(history: history.entries, truth: truth).judge() }

        func truth(_ state: RunState = .succeeded, tasks: Int = 3, key: String? = "k") -> RunTruth {
            RunTruth(id: run, state: state, tasks: tasks, key: key)
        }

        var lines: [HistoryEntry] {
            get throws {
                try String(contentsOfFile: path.string, encoding: .utf8).split(separator: "\n")
                    .map { try RecordJSON.decode(from: Data($0.utf8)) }
            }
        }
    }

    @Test func `a run that was promised and is there is no matter`() throws {
        let bench = try Bench()
        bench.create()
        bench.create()
        bench.ask(.createOther, .refused)
        bench.history.see(bench.run, .succeeded)
        let verdict = bench.judge(bench.truth())
        #expect(verdict == Oracle.Verdict(accepted: 1))
    }

    @Test func `a promised run that is not there, or never ends, is lost`() throws {
        let bench = try Bench()
        bench.create()
        #expect(bench.judge().lost.count == 1)
        #expect(bench.judge(bench.truth(.running)).lost.count == 1)
    }

    @Test func `a run without a promise is no matter when it was asked for`() throws {
        let bench = try Bench()
        bench.history.answer(bench.history.ask(.create, key: "k", tasks: 3), .unknown)
        #expect(bench.judge() == Oracle.Verdict())
        #expect(bench.judge(bench.truth()) == Oracle.Verdict())
    }

    @Test func `a run that nobody asked for, or a second one for a key, is a duplicate`() throws {
        let bench = try Bench()
        bench.create()
        #expect(bench.judge(bench.truth(key: "other")).duplicated.count == 1)
        #expect(bench.judge(bench.truth(key: nil)).duplicated.count == 1)
        let second = RunTruth(id: RunID(), state: .succeeded, tasks: 3, key: "k")
        #expect(bench.judge(bench.truth(), second).duplicated.count == 1)
    }

    @Test func `one key has one answer`() throws {
        let bench = try Bench()
        bench.create()
        bench.create(run: RunID())
        #expect(bench.judge(bench.truth()).violations.contains { $0.hasPrefix("I12") })
    }

    @Test func `a key that is used for another run must be refused`() throws {
        let bench = try Bench()
        bench.create()
        bench.history.answer(bench.history.ask(.createOther, key: "k"), .done, run: bench.run)
        #expect(bench.judge(bench.truth()).violations.contains { $0.hasPrefix("I12") })
    }

    @Test func `a good run must not be refused, and must be whole`() throws {
        let bench = try Bench()
        bench.history.answer(bench.history.ask(.create, key: "j"), .refused, detail: "no")
        bench.create()
        let violations = bench.judge(bench.truth(tasks: 2)).violations
        #expect(violations.count == 2)
        #expect(violations.allSatisfy { $0.hasPrefix("I1 ") })
    }

    @Test func `what ended stays ended, unless it was taken up again`() throws {
        let bench = try Bench()
        bench.create()
        bench.history.see(bench.run, .failed)
        #expect(bench.judge(bench.truth()).violations.contains { $0.hasPrefix("I4") })
        bench.ask(.retry)
        #expect(bench.judge(bench.truth()).violations.isEmpty)
    }

    @Test func `a retry that was refused takes nothing up`() throws {
        let bench = try Bench()
        bench.create()
        bench.ask(.retry)
        bench.history.see(bench.run, .failed)
        #expect(bench.judge(bench.truth()).violations.count == 1, "it was answered before the end was seen")
        bench.ask(.retry, .unknown)
        #expect(bench.judge(bench.truth()).violations.isEmpty, "it may still happen")
    }

    @Test func `what was canceled does not succeed`() throws {
        let bench = try Bench()
        bench.create()
        bench.ask(.cancel)
        #expect(bench.judge(bench.truth()).violations.contains { $0.hasPrefix("I8") })
        #expect(bench.judge(bench.truth(.canceled)).violations.isEmpty)
        bench.ask(.retry)
        #expect(bench.judge(bench.truth()).violations.isEmpty)
    }

    @Test func `a cancel that came too late is a race, and no matter`() throws {
        let bench = try Bench()
        bench.create()
        bench.ask(.cancel, .refused)
        bench.ask(.cancel, .unknown)
        #expect(bench.judge(bench.truth()) == Oracle.Verdict(accepted: 1, cancelsTooLate: 1))
    }

    @Test func `the history is in the file, line by line, as it happened`() throws {
        let bench = try Bench()
        bench.create()
        bench.ask(.cancel, .refused)
        bench.history.see(bench.run, .succeeded)
        try bench.history.check()
        let lines = try bench.lines
        #expect(lines.map(\.number) == Array(1...5))
        #expect(lines.map(\.operation) == [.create, .create, .cancel, .cancel, .seen])
        #expect(lines.map(\.outcome) == [.asked, .done, .asked, .refused, .done])
        #expect(lines.map(\.call) == [1, 1, 3, 3, 5])
        #expect(lines.last?.run == bench.run)
    }
}
