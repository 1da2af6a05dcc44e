import Testing

@testable import AMQP

@Suite struct SupportTests {
    @Test func `a raised signal is remembered once`() async {
        let signal = Signal()
        signal.raise()
        signal.raise()
        await signal.wait()
        let start = ContinuousClock.now
        await signal.wait(atMost: .milliseconds(50))
        #expect(start.duration(to: .now) >= .milliseconds(50))
    }

    @Test func `a signal wakes its waiter`() async {
        let signal = Signal()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await signal.wait(atMost: .seconds(30)) }
            await Task.yield()
            signal.raise()
            await group.waitForAll()
        }
    }

    @Test func `a cancelled waiter comes back`() async {
        let signal = Signal()
        let task = Task { await signal.wait() }
        task.cancel()
        await task.value
    }

    @Test func `pauses double up to the limit and keep their jitter`() {
        var random = SplitMix(seed: 1)
        var backoff = Backoff()
        var ceiling = Backoff.shortest
        for _ in 0..<20 {
            let pause = backoff.next(using: &random)
            #expect(pause >= ceiling * 0.5 && pause <= ceiling)
            ceiling = min(ceiling * 2, Backoff.longest)
        }
        #expect(ceiling == Backoff.longest)
        backoff.reset()
        #expect(backoff.next(using: &random) <= Backoff.shortest)
    }

    @Test func `a message over a limit of the protocol is refused before it is sent`() {
        let long = String(repeating: "x", count: 256)
        let message = AMQPMessage(body: [], messageID: "m")
        #expect(message.refusal(exchange: "e", routingKey: "k") == nil)
        #expect(message.refusal(exchange: long, routingKey: "k")?.code == .invalidMessage)
        #expect(message.refusal(exchange: "e", routingKey: long)?.code == .invalidMessage)
        #expect(AMQPMessage(body: [], messageID: long).refusal(exchange: "e", routingKey: "k") != nil)
        #expect(AMQPMessage(body: [], messageID: "m", headers: [long: ""]).refusal(exchange: "", routingKey: "") != nil)
        let large = AMQPMessage(body: Array(repeating: 0, count: AMQPConfiguration.bodyBytesMax + 1), messageID: "m")
        #expect(large.refusal(exchange: "e", routingKey: "k") != nil)
    }

    @Test func `a queue's arguments refuse rather than drop, and name a delivery limit`() {
        let queue = Topology.Queue(name: "q", deadLetterExchange: "d", deliveryLimit: 3, maxLength: 10)
        #expect(
            queue.arguments == [
                FieldEntry("x-queue-type", .text("quorum")), FieldEntry("x-dead-letter-exchange", .text("d")),
                FieldEntry("x-delivery-limit", .integer(3)), FieldEntry("x-max-length", .integer(10)),
                FieldEntry("x-overflow", .text("reject-publish")),
            ])
        #expect(Topology.Queue(name: "q", quorum: false).arguments.isEmpty)
    }
}
