import Testing

@testable import StudioCore

@Suite struct SpecMutationTests {
    @Test(arguments: Seeds.all)
    func `a mutated spec never crashes: it plans, or its faults point into it`(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let sample = try sampleDocument()
        var faulty = 0
        for _ in 0..<100 {
            var document = sample
            for _ in 0..<generator.integer(1...4) { document = mutate(document, &generator) }
            do throws(SpecFaults) {
                let spec = try RunSpec.parse(document)
                let plan = Planner().plan(spec)
                #expect(plan.tasks.isEmpty == false)
                #expect(try RunSpec.parse(json: spec.canonicalJSON.utf8) == spec)
            } catch {
                faulty += 1
                #expect(!error.faults.isEmpty && error.faults.count <= SpecLimits.faultsMax)
                for fault in error.faults {
                    let pointer = JSONPointer(fault.pointer)
                    let found = document.value(at: pointer) != nil || document.value(at: pointer.parent) != nil
                    #expect(found, "\(fault.pointer) points to nothing")
                    #expect(!fault.detail.isEmpty && !fault.detail.unicodeScalars.contains { SpecFault.isControl($0) })
                }
            }
        }
        // Most mutations must matter, or the test says nothing.
        #expect(faulty > 30)
    }

    /// Changes one random place of the tree.
    private func mutate(_ value: JSONValue, _ generator: inout SeededGenerator) -> JSONValue {
        switch value {
        case .object(var members) where !members.isEmpty && !generator.once(in: 8):
            let index = generator.integer(0...members.count - 1)
            switch generator.integer(1...10) {
            case 1: members.remove(at: index)
            case 2: members.append((members[index].0 + "~/x", junk(&generator)))
            case 3: members.append(members[index])
            default: members[index].1 = mutate(members[index].1, &generator)
            }
            return .object(members)
        case .array(var elements) where !elements.isEmpty && !generator.once(in: 8):
            let index = generator.integer(0...elements.count - 1)
            switch generator.integer(1...10) {
            case 1: elements.remove(at: index)
            case 2: elements.append(elements[index])
            case 3: elements.insert(junk(&generator), at: index)
            default: elements[index] = mutate(elements[index], &generator)
            }
            return .array(elements)
        default: return junk(&generator)
        }
    }

    private func junk(_ generator: inout SeededGenerator) -> JSONValue {
        let choices: [JSONValue] = [
            .null, .bool(true), .int(0), .int(.min), .int(.max), .double(.nan), .double(-.infinity), .double(1e308),
            .double(0.5), .string(""), .string("\u{0}\u{1B}[31m"), .string("4s"), .string("1f"), .string("0.0001s"),
            .string("999999s"), .string("999999999f"), .string("end"), .string("mara"), .string("dissolve"),
            .string(String(repeating: "é", count: 3_000)), .string("24000/1001"), .string("3840x64"), .array([]),
            .object([]), .array([.null]), .object([("", .null)]), .object([("kind", .string("fade"))]),
        ]
        return choices[generator.integer(0...choices.count - 1)]
    }
}
