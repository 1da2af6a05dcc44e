import Testing

@testable import AMQP

@Suite struct SettlementBookTests {
    private func book(deliveries: UInt64) -> SettlementBook {
        var book = SettlementBook()
        book.beginGeneration()
        for tag in 1...deliveries {
            let isNext = book.deliver(tag)
            #expect(isNext)
        }
        return book
    }

    private func deliver(
        _ book: inout SettlementBook, _ tag: UInt64, isNext: Bool = true, at location: SourceLocation = #_sourceLocation
    ) {
        let answer = book.deliver(tag)
        #expect(answer == isNext, sourceLocation: location)
    }

    private func settle(
        _ book: inout SettlementBook, _ tag: UInt64, generation: Int, as disposition: Disposition, isOpen: Bool = true,
        at location: SourceLocation = #_sourceLocation
    ) {
        let answer = book.settle(tag, generation: generation, as: disposition)
        #expect(answer == isOpen, sourceLocation: location)
    }

    private func expectOrders(
        _ expected: [SettlementBook.Order], of book: inout SettlementBook,
        at location: SourceLocation = #_sourceLocation
    ) {
        let orders = book.takeOrders()
        #expect(orders == expected, sourceLocation: location)
    }

    @Test func `accepted deliveries without a gap are acked together`() {
        var book = book(deliveries: 4)
        for tag: UInt64 in [3, 1, 2] { settle(&book, tag, generation: 1, as: .accept) }
        expectOrders([.ack(tag: 3, multiple: true)], of: &book)
        expectOrders([], of: &book)
        #expect(book.openCount == 1)
    }

    @Test func `an ack never covers a delivery that is still open`() {
        var book = book(deliveries: 3)
        settle(&book, 2, generation: 1, as: .accept)
        settle(&book, 3, generation: 1, as: .accept)
        expectOrders([.ack(tag: 2, multiple: false), .ack(tag: 3, multiple: false)], of: &book)
        settle(&book, 1, generation: 1, as: .accept)
        expectOrders([.ack(tag: 1, multiple: false)], of: &book)
    }

    @Test func `refusals are told before an ack that would cover them`() {
        var book = book(deliveries: 3)
        settle(&book, 1, generation: 1, as: .accept)
        settle(&book, 2, generation: 1, as: .requeue)
        settle(&book, 3, generation: 1, as: .accept)
        expectOrders([.reject(tag: 2, requeue: true), .ack(tag: 3, multiple: true)], of: &book)
    }

    @Test func `a disposition of an older generation is dropped`() {
        var book = book(deliveries: 2)
        book.beginGeneration()
        deliver(&book, 1)
        settle(&book, 1, generation: 1, as: .accept, isOpen: false)
        expectOrders([], of: &book)
        settle(&book, 1, generation: 2, as: .reject)
        expectOrders([.reject(tag: 1, requeue: false)], of: &book)
    }

    @Test func `a delivery is settled once`() {
        var book = book(deliveries: 1)
        settle(&book, 1, generation: 1, as: .accept)
        settle(&book, 1, generation: 1, as: .reject, isOpen: false)
        settle(&book, 2, generation: 1, as: .accept, isOpen: false)
    }

    @Test func `a tag out of order is noticed`() {
        var book = book(deliveries: 2)
        deliver(&book, 4, isNext: false)
        deliver(&book, 2, isNext: false)
    }

    /// A broker that carries out the orders must end with exactly what the handlers decided.
    @Test(arguments: 0..<200)
    func `the broker learns every disposition exactly once`(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var book = SettlementBook()
        book.beginGeneration()
        var open: Set<UInt64> = []
        var decided: [UInt64: Disposition] = [:]
        var broker = Broker()
        for _ in 0..<400 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                let tag = broker.deliver()
                deliver(&book, tag)
                open.insert(tag)
            case 2, 3:
                guard let tag = open.randomElement(using: &random) else { continue }
                let choices: [Disposition] = [.accept, .accept, .accept, .requeue, .handBack, .reject]
                let disposition = choices[Int.random(in: 0..<choices.count, using: &random)]
                settle(&book, tag, generation: 1, as: disposition)
                open.remove(tag)
                decided[tag] = disposition
            default:
                for order in book.takeOrders() { broker.carryOut(order) }
                #expect(broker.settled == decided)
            }
        }
        #expect(book.openCount == open.count)
    }

    private struct Broker {
        var lastTag: UInt64 = 0
        var outstanding: Set<UInt64> = []
        var settled: [UInt64: Disposition] = [:]

        mutating func deliver() -> UInt64 {
            lastTag += 1
            outstanding.insert(lastTag)
            return lastTag
        }

        mutating func carryOut(_ order: SettlementBook.Order) {
            switch order {
            case .ack(let tag, let multiple):
                #expect(outstanding.contains(tag))
                for covered in multiple ? outstanding.filter({ $0 <= tag }) : [tag] { settle(covered, as: .accept) }
            case .reject(let tag, let requeue):
                settle(tag, as: requeue ? .requeue : .reject)
            case .handBack(let tag):
                settle(tag, as: .handBack)
            }
        }

        private mutating func settle(_ tag: UInt64, as disposition: Disposition) {
            let wasOutstanding = outstanding.remove(tag) != nil
            #expect(wasOutstanding)
            settled[tag] = disposition
        }
    }
}
