import AMQP
import ServiceLifecycle
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct AMQPConsumeTests {
    @Test func `requeued messages come again until the delivery limit, then go to the dead queue`() async throws {
        let bench = try AMQPBench(deliveryLimit: 2)
        let seen = DeliveryRecord()
        let consumer = bench.consumer { delivery in
            seen.add([delivery])
            return .requeue
        }
        try await bench.run(consumer) {
            #expect(try await bench.publish() == .confirmed)
            try await until("it is dead-lettered") {
                try await bench.publisher.messageCount(queue: bench.deadQueue) == 1
            }
            #expect(seen.count == 3)
            #expect(seen.deliveries.map(\.redelivered) == [false, true, true])
            #expect(seen.deliveries.map(\.deliveryCount) == [0, 1, 2])
        }
    }

    @Test func `a rejected message goes to the dead queue at once`() async throws {
        let bench = try AMQPBench()
        let consumer = bench.consumer { $0.messageID == "bad" ? .reject : .accept }
        let dead = DeliveryRecord()
        let undertaker = bench.consumer(queue: bench.deadQueue) { delivery in
            dead.add([delivery])
            return .accept
        }
        try await bench.run(consumer, undertaker) {
            _ = await bench.publish(ids: ["good", "bad", "good"])
            try await until("the bad one is dead") { dead.ids == ["bad"] }
            try await until("all are settled") { consumer.statistics.accepted == 2 }
            #expect(consumer.statistics.rejected == 1)
        }
    }

    @Test(arguments: [false, true])
    func `a body over the consumer's bound goes to the dead queue unseen`(inBatches: Bool) async throws {
        let bench = try AMQPBench()
        let seen = DeliveryRecord()
        let consumer =
            if inBatches {
                AMQPConsumer(
                    configuration: bench.configuration, queue: bench.queue, prefetch: 10, batchMax: 10,
                    batchWait: .milliseconds(5), bodyBytesMax: 1_000, logger: bench.logger
                ) { deliveries in
                    seen.add(deliveries)
                    return deliveries.map { _ in .accept }
                }
            } else {
                bench.consumer(bodyBytesMax: 1_000) { delivery in
                    seen.add([delivery])
                    return .accept
                }
            }
        try await bench.run(consumer) {
            for size in [1_000, 1_001, 300_000, 0] {
                #expect(try await bench.publish("\(size)", body: Array(repeating: 7, count: size)) == .confirmed)
            }
            try await until("two are handled") { consumer.statistics.accepted == 2 }
            try await until("two are dead") {
                try await bench.publisher.messageCount(queue: bench.deadQueue) == 2
            }
            #expect(seen.deliveries.map(\.body.count) == [1_000, 0])
            #expect(consumer.statistics.tooLarge == 2)
            #expect(consumer.statistics.connects == 1)
        }
    }

    @Test func `no more handlers run at once than the prefetch`() async throws {
        let bench = try AMQPBench()
        let seen = DeliveryRecord()
        let gate = HandlerGate()
        let consumer = bench.consumer(prefetch: 3) { delivery in
            seen.begin(delivery)
            _ = await gate.pass()
            seen.end()
            return .accept
        }
        try await bench.run(consumer) {
            _ = await bench.publish(ids: (0..<12).map(String.init))
            try await until("three run") { seen.running == 3 }
            // The rest stays with the broker.
            try await until("nine wait") { try await bench.publisher.messageCount(queue: bench.queue) == 9 }
            #expect(seen.count == 3)
            gate.open()
            try await until("all are handled") { consumer.statistics.accepted == 12 }
            #expect(seen.runningMax == 3)
        }
    }

    @Test func `a paused consumer gets nothing new, and goes on when resumed`() async throws {
        let bench = try AMQPBench()
        let seen = DeliveryRecord()
        let consumer = bench.consumer { delivery in
            seen.add([delivery])
            return .accept
        }
        try await bench.run(consumer) {
            _ = try await bench.publish("first")
            try await until("the first arrives") { seen.count == 1 }
            let connects = consumer.statistics.connects
            consumer.pause()
            // Cancelling takes a moment; what is published after it stays in the queue.
            var sent = 1
            try await until("a message stays in the queue") {
                sent += 1
                _ = try await bench.publish("\(sent)")
                return try await bench.publisher.messageCount(queue: bench.queue) > 0
            }
            let before = seen.count
            #expect(before < sent)
            consumer.resume()
            try await until("the rest arrives") { seen.count == sent }
            #expect(consumer.statistics.connects == connects)
        }
    }

    @Test func `batches are bounded and settled item by item`() async throws {
        let bench = try AMQPBench()
        let sizes = Mutex<[Int]>([])
        let seen = DeliveryRecord()
        let consumer = AMQPConsumer(
            configuration: bench.configuration, queue: bench.queue, prefetch: 100, batchMax: 40,
            batchWait: .milliseconds(50), logger: bench.logger
        ) { deliveries in
            sizes.withLock { $0.append(deliveries.count) }
            seen.add(deliveries)
            return deliveries.map { $0.messageID.hasSuffix("7") ? .reject : .accept }
        }
        try await bench.run(consumer) {
            let ids = (0..<500).map(String.init)
            for result in await bench.publish(ids: ids) { #expect(try result.get() == .confirmed) }
            try await until("all are settled") { consumer.statistics.accepted == 450 }
            #expect(consumer.statistics.rejected == 50)
            #expect(seen.ids == ids)
            let largest = sizes.withLock { $0.max() }
            #expect(largest == 40)
            try await until("the rejected are dead-lettered") {
                try await bench.publisher.messageCount(queue: bench.deadQueue) == 50
            }
        }
    }

    @Test func `a graceful shutdown lets running handlers settle and returns the rest`() async throws {
        let bench = try AMQPBench()
        let seen = DeliveryRecord()
        let gate = HandlerGate()
        let consumer = bench.consumer(prefetch: 2) { delivery in
            seen.begin(delivery)
            _ = await gate.pass()
            seen.end()
            return .accept
        }
        try await bench.run {
            _ = await bench.publish(ids: ["1", "2", "3", "4", "5"])
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                let group = ServiceGroup(services: [consumer], logger: bench.logger)
                tasks.addTask { try await group.run() }
                try await until("two run") { seen.running == 2 }
                await group.triggerGracefulShutdown()
                // The connection must outlast the handlers.
                try await Task.sleep(for: .milliseconds(300))
                #expect(consumer.isConnected)
                gate.open()
                try await tasks.waitForAll()
            }
            #expect(consumer.statistics.accepted == 2)
            #expect(!consumer.isConnected)
            try await until("three are left") { try await bench.publisher.messageCount(queue: bench.queue) == 3 }
        }
        #expect(seen.count == 2)
    }

    @Test func `several queues are consumed on one channel`() async throws {
        let bench = try AMQPBench()
        let seen = DeliveryRecord()
        let consumer = AMQPConsumer(
            configuration: bench.configuration, ranks: [[bench.queue, bench.deadQueue]], prefetch: 5,
            logger: bench.logger
        ) { delivery, _ in
            seen.add([delivery])
            return .accept
        }
        try await bench.run(consumer) {
            let results = await bench.publisher.publish(
                [bench.queue, bench.deadQueue, bench.queue].map {
                    (AMQPMessage(body: [], messageID: $0), bench.exchange, $0)
                })
            #expect(try results.map { try $0.get() } == [.confirmed, .confirmed, .confirmed])
            try await until("all arrive") { seen.count == 3 }
            #expect(seen.deliveries.allSatisfy { $0.queue == $0.messageID })
        }
    }
}
