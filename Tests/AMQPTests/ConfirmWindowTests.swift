import Testing

@testable import AMQP

@Suite struct ConfirmWindowTests {
    @Test func `tags start at one and follow each other`() {
        var window = ConfirmWindow<String>(capacity: 3)
        let tags = ["a", "b", "c"].map { window.append($0) }
        #expect(tags == [1, 2, 3])
        #expect(window.isFull)
    }

    @Test func `a multiple confirm settles all up to its tag and no more`() throws {
        var window = ConfirmWindow<Int>(capacity: 10)
        for number in 1...5 { _ = window.append(number) }
        let settled = try window.settled(3, multiple: true)
        #expect(settled.map(\.payload) == [1, 2, 3])
        #expect(window.count == 2)
        #expect(window.oldest == 4)
    }

    @Test func `a confirm out of order is not settled again by a later multiple`() throws {
        var window = ConfirmWindow<Int>(capacity: 10)
        for number in 1...4 { _ = window.append(number) }
        let first = try window.settled(2, multiple: false)
        #expect(first.map(\.payload) == [2])
        let again = try window.settled(2, multiple: false)
        #expect(again.isEmpty)
        let rest = try window.settled(4, multiple: true)
        #expect(rest.map(\.payload) == [1, 3, 4])
        #expect(window.count == 0)
    }

    @Test func `multiple with tag zero settles everything`() throws {
        var window = ConfirmWindow<Int>(capacity: 10)
        for number in 1...3 { _ = window.append(number) }
        let settled = try window.settled(0, multiple: true)
        #expect(settled.map(\.payload) == [1, 2, 3])
    }

    @Test func `a tag that was never sent is noticed`() {
        var window = ConfirmWindow<Int>(capacity: 10)
        _ = window.append(1)
        let next = window.settle(2, multiple: false)
        let beyond = window.settle(9, multiple: true)
        #expect(next == nil && beyond == nil)
        #expect(window.count == 1)
    }

    @Test func `a return marks its publish only`() throws {
        var window = ConfirmWindow<Int>(capacity: 10)
        for number in 1...3 { _ = window.append(number) }
        window.markReturned(2)
        window.markReturned(77)
        let settled = try window.settled(3, multiple: true)
        #expect(settled.map(\.isReturned) == [false, true, false])
    }

    @Test func `a reset gives back the unconfirmed and starts at tag one`() throws {
        var window = ConfirmWindow<Int>(capacity: 10)
        for number in 1...4 { _ = window.append(number) }
        _ = window.settle(1, multiple: false)
        _ = window.settle(3, multiple: false)
        let unknown = window.reset()
        #expect(unknown == [2, 4])
        #expect(window.count == 0)
        let tag = window.append(5)
        #expect(tag == 1)
    }

    /// A broker that confirms in any order, alone or together, against a plain set of what it owes.
    @Test(arguments: 0..<200)
    func `every publish is settled exactly once, whatever the order of the confirms`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var window = ConfirmWindow<UInt64>(capacity: 32)
        var owed: Set<UInt64> = []
        var settledOnce: Set<UInt64> = []
        var sentCount: UInt64 = 0
        for _ in 0..<500 {
            if !window.isFull, Bool.random(using: &random) {
                sentCount += 1
                let tag = window.append(sentCount)
                #expect(tag == sentCount)
                owed.insert(sentCount)
                continue
            }
            guard let tag = owed.randomElement(using: &random) else { continue }
            let multiple = Bool.random(using: &random)
            let expected = multiple ? owed.filter { $0 <= tag } : [tag]
            let settled = try window.settled(tag, multiple: multiple).map(\.payload)
            #expect(settled == expected.sorted())
            for payload in settled {
                let isFirst = settledOnce.insert(payload).inserted
                #expect(isFirst)
            }
            owed.subtract(settled)
            #expect(window.count == owed.count)
            #expect(window.oldest == owed.min())
        }
        let unknown = window.reset()
        #expect(unknown == owed.sorted())
    }
}

extension ConfirmWindow {
    fileprivate mutating func settled(_ tag: UInt64, multiple: Bool) throws -> [(payload: Payload, isReturned: Bool)] {
        let settled = settle(tag, multiple: multiple)
        return try #require(settled)
    }
}
