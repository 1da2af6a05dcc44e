import Testing

@testable import Chaos

@Suite struct MeasureTests {
    @Test func `percentiles are by nearest rank`() {
        let spread = Spread((1...200).map(Double.init).shuffled())
        #expect(spread.count == 200)
        #expect(spread.p50 == 100)
        #expect(spread.p99 == 198)
        #expect(spread.max == 200)
        #expect(Spread([]).max == 0)
    }

    @Test func `counters are summed over the lives of programs`() {
        var sum = CounterSum()
        sum.note(3, of: "a", by: "hub 1")
        sum.note(5, of: "a", by: "hub 1")
        // The process that follows begins again, and a page may still be the old one's.
        sum.note(2, of: "a", by: "hub 2")
        sum.note(4, of: "a", by: "hub 1")
        sum.note(7, of: "b", by: "hub 2")
        #expect(sum.total("a") == 7)
        #expect(sum.total("b") == 7)
        #expect(sum.total("c") == 0)
    }

    @Test func `growth is the slope over the longest life of a program`() throws {
        let short = (0..<3).map { ProcessSample(at: Double($0), process: 1, megabytes: 500, descriptors: 90) }
        let long = (10..<70).map {
            ProcessSample(at: Double($0), process: 2, megabytes: 40 + Double($0) / 60, descriptors: 12)
        }
        let growth = try #require(Growth(short + long))
        #expect(growth.seconds == 59)
        #expect(growth.megabytesPerMinute == 1)
        #expect(growth.descriptors == 12)
        #expect(growth.descriptorsPerMinute == 0)
        #expect(Growth(Array(short.prefix(2))) == nil)
    }

    @Test func `a slope needs two moments`() {
        #expect(Growth.slope([]) == 0)
        #expect(Growth.slope([(1, 5)]) == 0)
        #expect(Growth.slope([(1, 5), (1, 7)]) == 0)
        #expect(Growth.slope([(0, 1), (2, 5), (4, 9)]) == 2)
    }
}
