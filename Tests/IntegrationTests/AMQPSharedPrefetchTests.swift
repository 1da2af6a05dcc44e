import AMQP
import ServiceLifecycle
import Testing

/// Consumers of several queues: what they hold is held from everybody else.
@Suite(.timeLimit(.minutes(2))) struct AMQPSharedPrefetchTests {
    /// Two quorum queues whose messages may come back twice.
    private struct Lanes {
        let bench: AMQPBench
        let (a, b): (String, String)

        init() throws {
            bench = try AMQPBench()
            (a, b) = ("\(bench.queue).a", "\(bench.queue).b")
        }

        private var topology: Topology {
            let queues = [a, b].map { name in
                Topology.Queue(
                    name: name, deadLetterExchange: bench.exchange, deadLetterRoutingKey: bench.deadQueue,
                    deliveryLimit: 2)
            }
            return Topology(exchanges: [], queues: queues, bindings: [])
        }

        func consumer(
            _ ranks: [[String]], prefetch: Int = 1, _ handler: @escaping @Sendable (Delivery) async -> Disposition
        ) -> AMQPConsumer {
            AMQPConsumer(
                configuration: bench.configuration, ranks: ranks, prefetch: prefetch, logger: bench.logger
            ) { delivery, _ in await handler(delivery) }
        }

        func publish(_ ids: [String], to queue: String) async throws {
            let outcomes = await bench.publisher.publish(ids.map { (AMQPMessage(body: [1], messageID: $0), "", queue) })
            #expect(try outcomes.map { try $0.get() } == ids.map { _ in .confirmed })
        }

        func count(_ queue: String) async throws -> Int { try await bench.publisher.messageCount(queue: queue) }

        func run(_ services: any Service..., body: () async throws -> Void) async throws {
            try await bench.run {
                try await bench.publisher.declare(topology)
                try await AMQPBench.run(services, logger: bench.logger, body: body)
                try await bench.publisher.delete(topology)
            }
        }
    }

    @Test func `a consumer that is busy with one queue holds nothing of another`() async throws {
        let lanes = try Lanes()
        let gate = HandlerGate()
        let (busy, free) = (DeliveryRecord(), DeliveryRecord())
        let first = lanes.consumer([[lanes.a, lanes.b]]) { delivery in
            busy.add([delivery])
            _ = await gate.pass()
            return .accept
        }
        let second = lanes.consumer([[lanes.b]]) { delivery in
            free.add([delivery])
            return .accept
        }
        try await lanes.run(first) {
            defer { gate.open() }
            try await until("the first is connected") { first.isConnected }
            try await lanes.publish(["long"], to: lanes.a)
            try await until("it is busy") { busy.ids == ["long"] }
            let ids = (0..<5).map(String.init)
            try await lanes.publish(ids, to: lanes.a)
            try await lanes.publish(ids, to: lanes.b)
            try await until("nothing of either is held") {
                let counts = (try await lanes.count(lanes.a), try await lanes.count(lanes.b))
                return counts == (5, 5)
            }
            try await AMQPBench.run([second], logger: lanes.bench.logger) {
                try await until("another has done all of the other queue") { free.ids == ids }
            }
            #expect(busy.ids == ["long"])
            gate.open()
            try await until("the rest is done once there is room") { busy.count == 6 }
            #expect(free.deliveries.allSatisfy { $0.deliveryCount <= 1 })
        }
    }

    @Test func `what waits in several queues is taken one by one, and never returned`() async throws {
        let lanes = try Lanes()
        let records = [DeliveryRecord(), DeliveryRecord()]
        let consumers = records.map { record in
            lanes.consumer([[lanes.a, lanes.b]], prefetch: 3) { delivery in
                record.begin(delivery)
                try? await Task.sleep(for: .milliseconds(2))
                record.end()
                return .accept
            }
        }
        let each = 200
        try await lanes.run {
            for queue in [lanes.a, lanes.b] { try await lanes.publish((0..<each).map { "\($0)" }, to: queue) }
            try await AMQPBench.run(consumers, logger: lanes.bench.logger) {
                try await until("all are done") { consumers.reduce(0) { $0 + $1.statistics.accepted } == 2 * each }
            }
            #expect(consumers.allSatisfy { $0.statistics.handedBack == 0 })
            #expect(records.allSatisfy { $0.runningMax <= 3 })
            #expect(records.flatMap(\.deliveries).allSatisfy { $0.deliveryCount == 0 && !$0.redelivered })
            #expect(try await lanes.count(lanes.bench.deadQueue) == 0)
        }
    }

    @Test func `while an earlier queue has messages none is taken from a later one, and equals take turns`()
        async throws
    {
        let lanes = try Lanes()
        let bench = lanes.bench
        let seen = DeliveryRecord()
        let consumer = lanes.consumer([[bench.queue], [lanes.a, lanes.b]]) { delivery in
            seen.add([delivery])
            return .accept
        }
        try await lanes.run {
            try await lanes.publish(["0", "1", "2"], to: bench.queue)
            for queue in [lanes.a, lanes.b] { try await lanes.publish(["0", "1", "2"], to: queue) }
            try await AMQPBench.run([consumer], logger: bench.logger) {
                try await until("all are done") { seen.count == 9 }
            }
            let (first, a, b) = (bench.queue, lanes.a, lanes.b)
            #expect(seen.deliveries.map(\.queue) == [first, first, first, a, b, a, b, a, b])
        }
    }

    @Test func `messages that come to several idle queues at once are all handled, however often that happens`()
        async throws
    {
        let lanes = try Lanes()
        let records = (0..<3).map { _ in DeliveryRecord() }
        let consumers = records.map { record in
            lanes.consumer([[lanes.a], [lanes.b]]) { delivery in
                record.begin(delivery)
                try? await Task.sleep(for: .milliseconds(3))
                record.end()
                return .accept
            }
        }
        let rounds = 40
        try await lanes.run(consumers[0], consumers[1], consumers[2]) {
            for round in 1...rounds {
                // Everybody waits, subscribed to both.
                let message = AMQPMessage(body: [1], messageID: "\(round)")
                let results = await lanes.bench.publisher.publish(
                    [lanes.a, lanes.b, lanes.a, lanes.b].map { (message, "", $0) })
                #expect(try results.map { try $0.get() } == Array(repeating: .confirmed, count: 4))
                try await until("round \(round) is done") {
                    consumers.reduce(0) { $0 + $1.statistics.accepted } == 4 * round
                }
            }
            #expect(records.allSatisfy { $0.runningMax == 1 })
            #expect(try await lanes.count(lanes.bench.deadQueue) == 0)
        }
    }

    @Test(arguments: [1, 2])
    func `slots that are given away go to the next messages, and nothing is acknowledged before its end`(
        prefetch: Int
    ) async throws {
        let lanes = try Lanes()
        let releasesMax = 2
        let gate = HandlerGate()
        let (seen, released) = (DeliveryRecord(), DeliveryRecord())
        let consumer = AMQPConsumer(
            configuration: lanes.bench.configuration, ranks: [[lanes.a], [lanes.b]], prefetch: prefetch,
            releasesMax: releasesMax, logger: lanes.bench.logger
        ) { delivery, slot in
            if slot.release() { released.add([delivery]) }
            seen.add([delivery])
            _ = await gate.pass()
            return .accept
        }
        let held = prefetch + releasesMax
        try await lanes.run(consumer) {
            defer { gate.open() }
            // One by one, so that each finds a consumer that waits.
            for number in 0..<held {
                try await lanes.publish(["\(number)"], to: lanes.a)
                try await until("message \(number) is being handled") { seen.count == number + 1 }
            }
            #expect(released.ids == (0..<releasesMax).map(String.init))
            try await lanes.publish(["rest", "rest"], to: lanes.a)
            try await until("no more is held than may be") { try await lanes.count(lanes.a) == 2 }
            #expect(seen.count == held && consumer.statistics.accepted == 0)
            gate.open()
            try await until("the rest is done once there is room") { consumer.statistics.accepted == held + 2 }
            #expect(consumer.statistics.handedBack == 0)
            #expect(seen.deliveries.allSatisfy { $0.deliveryCount == 0 && !$0.redelivered })
        }
    }

    @Test func `a paused consumer of several queues takes nothing, and goes on when resumed`() async throws {
        let lanes = try Lanes()
        let seen = DeliveryRecord()
        let consumer = lanes.consumer([[lanes.a, lanes.b]]) { delivery in
            seen.add([delivery])
            return .accept
        }
        consumer.pause()
        try await lanes.run(consumer) {
            try await until("it is connected") { consumer.isConnected }
            try await lanes.publish(["1"], to: lanes.a)
            try await lanes.publish(["2"], to: lanes.b)
            try await Task.sleep(for: .milliseconds(200))
            #expect(seen.count == 0)
            consumer.resume()
            try await until("both arrive") { seen.count == 2 }
        }
    }
}
