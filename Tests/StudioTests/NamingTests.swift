import Foundation
import StudioCore
import Testing

@testable import studio

@Suite struct NamingTests {
    @Test func `an id is found by how it begins, with or without its prefix`() throws {
        let id = try #require(TaskID("task_01m7yr7eb5ebssq49kzjx6fd4v"))
        for text in ["task_01m7yr7eb5e", "01m7yr7eb5e", "task_01m7yr7eb5ebssq49kzjx6fd4v", "0"] {
            #expect(IDPrefix<RenderTaskKind>(text).matches(id), "\(text)")
        }
        for text in ["task_01m7yr7eb5f", "1m7", "run_01m7", "task_01m7yr7eb5ebssq49kzjx6fd4v0", "", "task_"] {
            #expect(!IDPrefix<RenderTaskKind>(text).matches(id), "\(text)")
        }
    }

    @Test func `what was made in one moment may follow what was made before it or in it, and nothing later`() {
        let time = Date(timeIntervalSince1970: 1_800_000_000)
        func run(_ seconds: Double) -> RunID { RunID(.version7(at: time.addingTimeInterval(seconds))) }
        for _ in 0..<100 {
            let task = TaskID(.version7(at: time))
            let prefix = IDPrefix<RenderTaskKind>(task.description)
            #expect(prefix.mayFollow(run(0)) && prefix.mayFollow(run(-0.002)) && prefix.mayFollow(run(-3_600)))
            #expect(!prefix.mayFollow(run(0.002)) && !prefix.mayFollow(run(3_600)))
        }
    }

    @Test func `a beginning that leaves the time open may follow everything within it`() throws {
        let run = try #require(RunID("run_01m7yr7eb2ehy8yykmp09aq10e"))
        #expect(IDPrefix<RenderTaskKind>("task_01m7yr").mayFollow(run))
        #expect(IDPrefix<RenderTaskKind>("").mayFollow(run))
        #expect(!IDPrefix<RenderTaskKind>("task_01m7yq").mayFollow(run))
        #expect(IDPrefix<RenderTaskKind>("task_01m7ys").mayFollow(run))
    }
}
