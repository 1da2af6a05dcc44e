import ObjectStore
import Testing

@Suite struct PartPlanTests {
    @Test func `parts follow each other and cover the file`() {
        for size: Int64 in [0, 1, 8 << 20, (8 << 20) + 1, 40 << 20, 3_000_000_001] {
            let plan = PartPlan(size: size)
            #expect(plan.ranges.first?.lowerBound == 0)
            #expect(plan.ranges.last?.upperBound == size)
            #expect(zip(plan.ranges, plan.ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            #expect(plan.ranges.dropLast().allSatisfy { Int64($0.count) == plan.partSize })
        }
        #expect(PartPlan(size: 40 << 20).ranges.count == 5)
    }

    @Test func `parts grow so that there are never more than ten thousand`() {
        let fiveTebibytes: Int64 = 5 << 40
        let plan = PartPlan(size: fiveTebibytes)
        #expect(plan.ranges.count <= 10_000)
        #expect(plan.partSize == 525 << 20)
        #expect(PartPlan(size: PartPlan.usualPartSize * 10_000).partSize == PartPlan.usualPartSize)
        #expect(PartPlan(size: PartPlan.usualPartSize * 10_000 + 1).ranges.count <= 10_000)
    }
}
