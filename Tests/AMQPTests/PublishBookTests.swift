import Testing

@testable import AMQP

@Suite struct PublishBookTests {
    private let start = ContinuousClock.now

    private func running(unconfirmedMax: Int = 100, queuedMax: Int = 100) -> PublishBook {
        var book = PublishBook(unconfirmedMax: unconfirmedMax, queuedMax: queuedMax)
        book.start()
        book.connected(at: start)
        return book
    }

    private func request(
        _ index: Int, of batch: PublishBatch, exchange: String = "x", bytes: Int = 1,
        within limit: Duration = .seconds(5)
    ) -> PublishBook.Request {
        PublishBook.Request(
            message: AMQPMessage(body: Array(repeating: 0, count: bytes), messageID: "\(index)"), exchange: exchange,
            routingKey: "k", deadline: start + limit, waiter: .item(batch, index: index))
    }

    private func tell(_ resolutions: [PublishBook.Resolution]) {
        for (waiter, result) in resolutions { waiter.resume(with: result) }
    }

    private func enqueue(
        _ request: PublishBook.Request, in book: inout PublishBook, refused code: AMQPError.Code? = nil,
        at location: SourceLocation = #_sourceLocation
    ) {
        let refusal = book.enqueue(request)
        #expect(refusal?.code == code, sourceLocation: location)
    }

    private func confirm(
        _ book: inout PublishBook, tag: UInt64, multiple: Bool, accepted: Bool
    ) throws -> [PublishBook.Resolution] {
        let resolutions = book.confirm(tag: tag, multiple: multiple, accepted: accepted, at: start)
        return try #require(resolutions)
    }

    private func code(_ result: PublishResult) -> AMQPError.Code? {
        if case .failure(let error) = result { error.code } else { nil }
    }

    @Test func `ack, return and nack become their outcomes`() async throws {
        var book = running()
        let batch = PublishBatch(count: 3)
        for index in 0..<3 { enqueue(request(index, of: batch), in: &book) }
        let outgoing = book.takeOutgoing().map(\.tag)
        #expect(outgoing == [1, 2, 3])
        book.returned(2)
        try tell(confirm(&book, tag: 2, multiple: true, accepted: true))
        try tell(confirm(&book, tag: 3, multiple: false, accepted: false))
        let outcomes = try await batch.results().map { try $0.get() }
        #expect(outcomes == [.confirmed, .unroutable, .refused])
        #expect(book.isIdle)
    }

    @Test func `a lost connection makes the sent unknown and keeps the queued`() async throws {
        var book = running(unconfirmedMax: 1)
        let batch = PublishBatch(count: 2)
        for index in 0..<2 { enqueue(request(index, of: batch), in: &book) }
        let outgoing = book.takeOutgoing().count
        #expect(outgoing == 1)
        let resolutions = book.disconnected(AMQPError(.connectionLost, "gone"))
        #expect(resolutions.count == 1)
        tell(resolutions)
        book.connected(at: start)
        let again = book.takeOutgoing().map(\.tag)
        #expect(again == [1])
        try tell(confirm(&book, tag: 1, multiple: false, accepted: true))
        let results = await batch.results()
        #expect(code(results[0]) == .notConfirmed)
        #expect(try results[1].get() == .confirmed)
    }

    @Test func `a missing exchange is told to its own publishes`() async {
        var book = running()
        let batch = PublishBatch(count: 2)
        enqueue(request(0, of: batch, exchange: "gone"), in: &book)
        enqueue(request(1, of: batch), in: &book)
        _ = book.takeOutgoing()
        tell(book.disconnected(AMQPError(.notFound, "404 NOT_FOUND - no exchange 'gone' in vhost '/'")))
        #expect(await batch.results().map(code) == [.notFound, .notConfirmed])
    }

    @Test func `waiting ends at the deadline, sent or not`() async throws {
        var book = running(unconfirmedMax: 1)
        let batch = PublishBatch(count: 2)
        for index in 0..<2 { enqueue(request(index, of: batch), in: &book) }
        _ = book.takeOutgoing()
        let early = book.expire(at: start + .seconds(4))
        #expect(early.isEmpty)
        tell(book.expire(at: start + .seconds(5)))
        #expect(await batch.results().map(code) == [.notConfirmed, .connectionLost])
        #expect(book.isIdle)
        // The late confirm is still accounted for, and told to nobody.
        let late = try confirm(&book, tag: 1, multiple: false, accepted: true)
        #expect(late.isEmpty)
        #expect(book.statistics.confirmed == 1)
    }

    @Test func `one go is bounded in messages and in bytes`() {
        var book = running(unconfirmedMax: 1000, queuedMax: 1000)
        let batch = PublishBatch(count: 400)
        for index in 0..<200 { enqueue(request(index, of: batch), in: &book) }
        let outgoing = book.takeOutgoing().count
        #expect(outgoing == PublishBook.outgoingCountMax)
        var other = running()
        for index in 200..<210 { enqueue(request(index, of: batch, bytes: 600_000), in: &other) }
        let large = other.takeOutgoing().count
        #expect(large == 2)
    }

    @Test func `the queue is bounded`() {
        var book = running(queuedMax: 2)
        let batch = PublishBatch(count: 3)
        enqueue(request(0, of: batch), in: &book)
        enqueue(request(1, of: batch), in: &book)
        enqueue(request(2, of: batch), in: &book, refused: .overloaded)
    }

    @Test func `a blocked broker gets nothing and new publishes are refused`() {
        var book = running()
        let batch = PublishBatch(count: 2)
        enqueue(request(0, of: batch), in: &book)
        book.setBlocked(true, at: start)
        let none = book.takeOutgoing()
        #expect(none.isEmpty)
        enqueue(request(1, of: batch), in: &book, refused: .blocked)
        book.setBlocked(false, at: start)
        let outgoing = book.takeOutgoing().count
        #expect(outgoing == 1)
    }

    @Test func `a broker that owes confirms and gives none is stalled, unless it is blocked`() {
        var book = running()
        let batch = PublishBatch(count: 1)
        enqueue(request(0, of: batch), in: &book)
        _ = book.takeOutgoing()
        #expect(!book.isStalled(at: start + .seconds(4), limit: .seconds(5)))
        #expect(book.isStalled(at: start + .seconds(5), limit: .seconds(5)))
        book.setBlocked(true, at: start + .seconds(5))
        #expect(!book.isStalled(at: start + .seconds(60), limit: .seconds(5)))
        // What it owes is due again once it takes messages.
        book.setBlocked(false, at: start + .seconds(60))
        #expect(!book.isStalled(at: start + .seconds(64), limit: .seconds(5)))
        #expect(book.isStalled(at: start + .seconds(65), limit: .seconds(5)))
    }

    @Test func `nothing is taken before the start nor after the end, and the end leaves nobody waiting`() async {
        var book = PublishBook(unconfirmedMax: 1, queuedMax: 10)
        let batch = PublishBatch(count: 4)
        enqueue(request(0, of: batch), in: &book, refused: .connectionLost)
        book.start()
        book.connected(at: start)
        for index in 0..<2 { enqueue(request(index, of: batch), in: &book) }
        _ = book.takeOutgoing()
        book.beginClosing()
        enqueue(request(2, of: batch), in: &book, refused: .closed)
        #expect(!book.isIdle)
        let resolutions = book.end()
        #expect(resolutions.map { code($0.result) } == [.notConfirmed, .closed])
        #expect(book.isIdle)
    }
}
