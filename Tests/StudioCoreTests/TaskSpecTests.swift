import FoundationEssentials
import Testing

@testable import StudioCore

@Suite struct TaskSpecTests {
    @Test func `every sort of task reads back from JSON`() throws {
        let plan = Planner().plan(try RunSpec.parse(try sampleDocument()))
        let noop = TaskSpec.noop(NoopSpec(sleepMilliseconds: 5))
        let specs = plan.tasks.map(\.spec) + [noop]
        #expect(Set(specs.map(\.kind)) == Set(TaskKind.allCases))
        #expect(try JSONDecoder().decode([TaskSpec].self, from: JSONEncoder().encode(specs)) == specs)
        let text = String(decoding: try JSONEncoder().encode(noop), as: UTF8.self)
        #expect(text.contains("\"form\":\"noop\""))
    }

    @Test func `an unknown sort of task is refused`() {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(TaskSpec.self, from: Data(#"{"form":"dance","body":{}}"#.utf8))
        }
    }

    @Test func `every task names the files it makes, in order`() throws {
        let plan = Planner().plan(try RunSpec.parse(try sampleDocument()))
        for task in plan.tasks {
            let names = task.spec.outputs.map(\.name)
            #expect(!names.isEmpty && Set(names).count == names.count)
            #expect(names.allSatisfy { !$0.contains("/") })
        }
        #expect(plan.tasks.last?.spec.outputs.first?.name == "film.mp4")
        #expect(TaskSpec.noop(NoopSpec(sleepMilliseconds: 1)).outputs.isEmpty)
    }
}
