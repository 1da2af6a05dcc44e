import Testing

@testable import AMQP

@Suite struct DeliveryBufferTests {
    private func parcels(_ tags: ClosedRange<UInt64>) -> [DeliveryBuffer.Parcel] {
        tags.map { DeliveryBuffer.Parcel(delivery: Delivery(body: []), tag: $0, generation: 1) }
    }

    @Test func `no more are handed out than may be handled at once`() async throws {
        let buffer = DeliveryBuffer(handledMax: 3)
        buffer.add(parcels(1...5))
        #expect(try #require(await buffer.take()).map(\.tag) == [1, 2, 3])
        #expect(buffer.handledCount == 3)
        buffer.finish(1)
        #expect(try #require(await buffer.take()).map(\.tag) == [4])
        async let next = buffer.take()
        buffer.finish(2)
        #expect(try #require(await next).map(\.tag) == [5])
    }

    @Test func `a place that is given away goes to the next, and only so many are`() async throws {
        let buffer = DeliveryBuffer(handledMax: 1, releasedMax: 1)
        buffer.add(parcels(1...3))
        #expect(try #require(await buffer.take()).map(\.tag) == [1])
        #expect(buffer.room == -2)
        #expect(buffer.release())
        #expect(buffer.takeRelease() && !buffer.takeRelease())
        #expect(try #require(await buffer.take()).map(\.tag) == [2])
        #expect(buffer.handledCount == 2)
        #expect(!buffer.release(), "one has done so already")
        // The end of the first makes room for another release, not for another delivery.
        buffer.finishReleased()
        #expect(buffer.room == -1)
        #expect(buffer.release())
        #expect(try #require(await buffer.take()).map(\.tag) == [3])
    }

    @Test func `a slot is given away once, however often that is asked, and ends as it is`() async throws {
        let buffer = DeliveryBuffer(handledMax: 2, releasedMax: 2)
        buffer.add(parcels(1...2))
        _ = await buffer.take()
        let slots = (1...2).map { _ in DeliverySlot(buffer, wake: Signal()) }
        #expect(slots[0].release() && slots[0].release())
        #expect(buffer.room == 1)
        slots[0].end()
        #expect(buffer.room == 1 && buffer.handledCount == 1)
        slots[1].end()
        #expect(buffer.room == 2 && buffer.handledCount == 0)
    }

    @Test func `a full batch does not wait`() async throws {
        let buffer = DeliveryBuffer(handledMax: 10)
        async let batch = buffer.takeBatch(of: 4, linger: .seconds(60))
        buffer.add(parcels(1...1))
        buffer.add(parcels(2...6))
        #expect(try #require(await batch).map(\.tag) == [1, 2, 3, 4])
    }

    @Test func `a partial batch goes out after its wait`() async throws {
        let buffer = DeliveryBuffer(handledMax: 10)
        buffer.add(parcels(1...2))
        let start = ContinuousClock.now
        #expect(try #require(await buffer.takeBatch(of: 4, linger: .milliseconds(60))).count == 2)
        #expect(start.duration(to: .now) >= .milliseconds(60))
    }

    @Test func `what nobody has taken is forgotten with its channel`() async throws {
        let buffer = DeliveryBuffer(handledMax: 10)
        buffer.add(parcels(1...2))
        buffer.discard()
        buffer.add(parcels(7...7))
        #expect(try #require(await buffer.take()).map(\.tag) == [7])
    }

    @Test func `closing ends the wait and hands out nothing more`() async {
        let buffer = DeliveryBuffer(handledMax: 10)
        async let taken = buffer.take()
        buffer.close()
        #expect(await taken == nil)
        buffer.add(parcels(1...1))
        #expect(await buffer.take() == nil)
        #expect(await buffer.takeBatch(of: 1, linger: .zero) == nil)
    }
}
