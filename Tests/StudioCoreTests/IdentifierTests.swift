import FoundationEssentials
import Testing

@testable import StudioCore

@Suite struct IdentifierTests {
    @Test func `an identifier reads back from its wire form`() throws {
        for _ in 0..<200 {
            let id = TaskID()
            #expect(TaskID(id.description) == id)
            #expect(id.description.hasPrefix("task_"))
            #expect(id.description.count == "task_".count + 26)
            #expect(try JSONDecoder().decode([TaskID].self, from: JSONEncoder().encode([id])) == [id])
        }
    }

    @Test func `identifiers and their wire forms sort by the time they were made`() {
        let ids = (0..<50).map { RunID(.version7(at: Date(timeIntervalSince1970: 1_700_000_000 + Double($0) / 1_000))) }
        #expect(ids == ids.shuffled().sorted())
        #expect(ids.map(\.description) == ids.map(\.description).sorted())
        #expect(Set(ids).count == ids.count)
    }

    @Test func `a fresh UUID says it is version 7 of the RFC's variant`() {
        for _ in 0..<100 {
            let bytes = UUID.version7().uuid
            #expect(bytes.6 >> 4 == 7)
            #expect(bytes.8 >> 6 == 0b10)
        }
    }

    @Test(arguments: [
        "", "task_", "run_00000000007000800000000001", "task_0000000000700080000000000",
        "task_0000000000700080000000000i",
        "task_0000000000700080000000000l", "task_0000000000700080000000000o", "task_0000000000700080000000000u",
        "task_0000000000700080000000000A", "task_80000000000000000000000000", "task_000000000070008000000000011",
        "TASK_00000000007000800000000001", "task_0000000000700080000000000é", "00000000007000800000000001",
    ])
    func `a wrong prefix, length or digit is refused`(text: String) {
        #expect(TaskID(text) == nil)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([TaskID].self, from: JSONEncoder().encode([text]))
        }
    }

    @Test func `the largest identifier fits its 26 digits`() {
        let id = TaskID(UUID(uuid: (255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255)))
        #expect(id.description == "task_7zzzzzzzzzzzzzzzzzzzzzzzzz")
        #expect(TaskID(id.description) == id)
    }

    @Test func `the standard tenant never changes`() {
        #expect(TenantID.standard.description == "ten_0000000000e008000000000001")
    }
}
