import AMQP
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct AMQPPublishTests {
    @Test func `a confirmed message is in its queue and arrives as it was sent`() async throws {
        let bench = try AMQPBench()
        let seen = DeliveryRecord()
        let consumer = bench.consumer { delivery in
            seen.add([delivery])
            return .accept
        }
        try await bench.run(consumer) {
            let message = AMQPMessage(
                body: Array("höhe".utf8), messageID: "id-1", contentType: "text/plain", type: "greeting",
                timestamp: 1_700_000_000, headers: ["x-attempt": "3", "tenant": "ä"], priority: 5)
            let outcome = try await bench.publisher.publish(
                message, exchange: bench.exchange, routingKey: bench.queue)
            #expect(outcome == .confirmed)
            try await until("the message arrives") { seen.count == 1 }
            let expected = Delivery(
                body: message.body, messageID: "id-1", contentType: "text/plain", type: "greeting",
                headers: message.headers, routingKey: bench.queue, queue: bench.queue)
            #expect(seen.deliveries == [expected])
            #expect(try await bench.publisher.messageCount(queue: bench.queue) == 0)
        }
        #expect(consumer.statistics.accepted == 1)
        #expect(bench.publisher.statistics.confirmed == 1)
        #expect(bench.publisher.statistics.connects == 1)
    }

    @Test func `a message without a queue is unroutable, its neighbours are confirmed`() async throws {
        let bench = try AMQPBench()
        try await bench.run {
            let keys = (0..<50).map { $0 % 3 == 0 ? "nowhere" : bench.queue }
            let results = await bench.publisher.publish(
                keys.map { (AMQPMessage(body: [], messageID: "same"), bench.exchange, $0) })
            let outcomes = try results.map { try $0.get() }
            #expect(outcomes == keys.map { $0 == "nowhere" ? .unroutable : .confirmed })
        }
    }

    @Test func `a full queue refuses`() async throws {
        let bench = try AMQPBench(maxLength: 2)
        try await bench.run {
            var outcomes: [PublishOutcome] = []
            // The limit is overshot before it is noticed.
            while outcomes.last != .refused && outcomes.count < 100 { outcomes.append(try await bench.publish()) }
            #expect(outcomes.last == .refused)
            #expect(outcomes.first == .confirmed)
        }
    }

    @Test func `a missing exchange fails the publish for certain, and the publisher goes on`() async throws {
        let bench = try AMQPBench()
        try await bench.run {
            let error = await #expect(throws: AMQPError.self) {
                try await bench.publisher.publish(
                    AMQPMessage(body: [], messageID: "m"), exchange: "no.such.exchange", routingKey: "k")
            }
            #expect(error?.code == .notFound)
            try await until("a later publish is confirmed") { (try? await bench.publish()) == .confirmed }
            #expect(bench.publisher.statistics.connects == 2)
        }
    }

    @Test func `thousands of pipelined messages are all confirmed and each is consumed once`() async throws {
        let bench = try AMQPBench()
        let seen = DeliveryRecord()
        let consumer = bench.consumer(prefetch: 200) { delivery in
            seen.add([delivery])
            return .accept
        }
        try await bench.run(consumer) {
            let batchIDs = (0..<3000).map { "batch-\($0)" }
            async let batch = bench.publish(ids: batchIDs)
            let singleIDs = (0..<1000).map { "single-\($0)" }
            try await withThrowingTaskGroup(of: PublishOutcome.self) { group in
                for id in singleIDs { group.addTask { try await bench.publish(id) } }
                for try await outcome in group { #expect(outcome == .confirmed) }
            }
            for result in await batch { #expect(try result.get() == .confirmed) }
            try await until("all arrive") { seen.count >= 4000 }
            #expect(seen.count == 4000)
            #expect(Set(seen.ids) == Set(batchIDs + singleIDs))
            try await until("all are settled") { consumer.statistics.accepted == 4000 }
        }
        #expect(consumer.statistics.settledTooLate == 0)
    }

    /// The frame's payload limit is 131,064 bytes.
    @Test(arguments: [0, 1, 131_063, 131_064, 131_065, 262_128, 3_000_000])
    func `a body of any size comes through whole`(size: Int) async throws {
        let bench = try AMQPBench()
        let seen = DeliveryRecord()
        let consumer = bench.consumer { delivery in
            seen.add([delivery])
            return .accept
        }
        try await bench.run(consumer) {
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            #expect(try await bench.publish(body: body) == .confirmed)
            try await until("it arrives") { seen.count == 1 }
            #expect(seen.deliveries.first?.body == body)
        }
    }

    @Test func `counting and declaring tell what is missing or different`() async throws {
        let bench = try AMQPBench()
        try await bench.run {
            let missing = await #expect(throws: AMQPError.self) {
                try await bench.publisher.messageCount(queue: "no.such.queue")
            }
            #expect(missing?.code == .notFound)
            for _ in 0..<3 { _ = try await bench.publish() }
            // Not counted at once by every version.
            try await until("three are counted") {
                try await bench.publisher.messageCounts(queues: ["no.such", bench.queue]) == [bench.queue: 3]
            }
            let different = await #expect(throws: AMQPError.self) {
                try await bench.publisher.declare(
                    Topology(exchanges: [], queues: [.init(name: bench.queue, quorum: false)], bindings: []))
            }
            #expect(different?.code == .preconditionFailed)
            #expect(bench.publisher.statistics.connects == 1)
        }
    }

    @Test func `nothing is published before the start and after the end`() async throws {
        let bench = try AMQPBench()
        let early = await #expect(throws: AMQPError.self) { try await bench.publish() }
        #expect(early?.code == .connectionLost)
        try await bench.run {}
        let late = await #expect(throws: AMQPError.self) { try await bench.publish() }
        #expect(late?.code == .closed)
    }
}
