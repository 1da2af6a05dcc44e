import AMQP
import Foundation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(3))) struct AMQPRecoveryTests {
    private func brokerPort() throws -> Int {
        try #require(URLComponents(string: AMQPBench.brokerURL())?.port ?? 5672)
    }

    @Test func `an idle connection lives past its heartbeats`() async throws {
        let bench = try AMQPBench(heartbeat: .seconds(1))
        let consumer = bench.consumer { _ in .accept }
        try await bench.run(consumer) {
            _ = try await bench.publish()
            try await until("it is consumed") { consumer.statistics.accepted == 1 }
            let connects = consumer.statistics.connects
            try await Task.sleep(for: .seconds(5))
            #expect(try await bench.publish() == .confirmed)
            try await until("it is consumed, too") { consumer.statistics.accepted == 2 }
            #expect(bench.publisher.statistics.connects == 1)
            #expect(consumer.statistics.connects == connects)
        }
    }

    @Test func `a consumer waits for a queue that does not exist yet`() async throws {
        let bench = try AMQPBench()
        let late = Topology(exchanges: [], queues: [.init(name: "\(bench.queue).late")], bindings: [])
        let consumer = bench.consumer(queue: "\(bench.queue).late") { _ in .accept }
        try await bench.run(consumer) {
            try await Task.sleep(for: .milliseconds(500))
            #expect(!consumer.isConnected)
            try await bench.publisher.declare(late)
            try await until("it consumes") { consumer.isConnected }
            _ = try await bench.publisher.publish(
                AMQPMessage(body: [], messageID: "m"), exchange: "", routingKey: "\(bench.queue).late")
            try await until("it is consumed") { consumer.statistics.accepted == 1 }
            try await bench.publisher.delete(late)
        }
    }

    @Test func `a consumer notices that its queue was deleted, and consumes it again when it is back`() async throws {
        let bench = try AMQPBench()
        let consumer = bench.consumer { _ in .accept }
        try await bench.run(consumer) {
            _ = try await bench.publish()
            try await until("it consumes") { consumer.statistics.accepted == 1 }
            try await bench.publisher.delete(bench.topology)
            try await until("it notices") { !consumer.isConnected }
            try await bench.publisher.declare(bench.topology)
            try await until("it consumes again") {
                (try? await bench.publish()) == .confirmed && consumer.statistics.accepted >= 2
            }
        }
    }

    @Test func `connections closed by the broker come back, and nothing confirmed is lost`() async throws {
        let bench = try AMQPBench()
        let seen = DeliveryRecord()
        let consumer = bench.consumer(prefetch: 50) { delivery in
            seen.add([delivery])
            return .accept
        }
        try await bench.run(consumer) {
            try await until("the consumer is connected") { consumer.isConnected }
            let confirmed = try await publishing(bench) {
                let closed = try await closeConnections(named: bench.configuration.connectionName)
                #expect(closed >= 2)
                try await until("both are back") {
                    bench.publisher.statistics.connects >= 2 && consumer.statistics.connects >= 2
                }
            }
            try await until("everything confirmed was delivered") { confirmed.isSubset(of: seen.ids) }
        }
    }

    @Test func `a cut network makes publishes unknown at worst, and nothing confirmed is lost`() async throws {
        let proxy = try FaultProxy(to: brokerPort())
        defer { proxy.close() }
        let bench = try AMQPBench(throughPort: proxy.port)
        let seen = DeliveryRecord()
        let consumer = bench.consumer(prefetch: 50) { delivery in
            seen.add([delivery])
            return .accept
        }
        try await bench.run(consumer) {
            let confirmed = try await publishing(bench) {
                for round in 1...3 {
                    proxy.set(.cut)
                    try await until("both notice") { !bench.publisher.isConnected && !consumer.isConnected }
                    proxy.set(.none)
                    try await until("both are back") { bench.publisher.isConnected && consumer.isConnected }
                    #expect(bench.publisher.statistics.connects > round)
                }
            }
            try await until("everything confirmed was delivered") { confirmed.isSubset(of: seen.ids) }
        }
    }

    @Test(arguments: [1, 900_000])
    func `a silent broker never holds a publish past its limits`(bodyBytes: Int) async throws {
        let proxy = try FaultProxy(to: brokerPort())
        defer { proxy.close() }
        let bench = try AMQPBench(
            throughPort: proxy.port,
            adjust: {
                $0.callDeadline = .seconds(1)
                $0.confirmTimeout = .seconds(2)
                $0.connectTimeout = .seconds(1)
            })
        try await bench.run {
            #expect(try await bench.publish() == .confirmed)
            proxy.set(.silent)
            // Large bodies fill the socket, so that the call itself blocks; small ones lack the confirm only.
            let body = [UInt8](repeating: 7, count: bodyBytes)
            let start = ContinuousClock.now
            let results = await bench.publisher.publish(
                (0..<20).map { (AMQPMessage(body: body, messageID: "\($0)"), bench.exchange, bench.queue) })
            #expect(start.duration(to: .now) < .seconds(4))
            for result in results {
                let error = #expect(throws: AMQPError.self) { try result.get() }
                #expect(error?.isTransient == true)
            }
            try await until("the connection is given up") { !bench.publisher.isConnected }
            proxy.set(.none)
            try await until("a publish is confirmed again") { (try? await bench.publish()) == .confirmed }
        }
    }

    @Test func `a handler outlives its channel, and its message comes again`() async throws {
        let proxy = try FaultProxy(to: brokerPort())
        defer { proxy.close() }
        let bench = try AMQPBench(throughPort: proxy.port)
        let seen = DeliveryRecord()
        let (early, late) = (HandlerGate(), HandlerGate())
        let wasCancelled = Mutex(false)
        let consumer = bench.consumer { delivery in
            seen.begin(delivery)
            let isCancelled = await (delivery.redelivered ? late : early).pass()
            wasCancelled.withLock { $0 = $0 || isCancelled }
            seen.end()
            return delivery.redelivered ? .accept : .reject
        }
        try await bench.run(consumer) {
            _ = try await bench.publish()
            try await until("the handler runs") { seen.running == 1 }
            let connects = consumer.statistics.connects
            proxy.set(.cut)
            try await until("the channel is gone") { !consumer.isConnected }
            proxy.set(.none)
            try await until("it came again") { seen.deliveries.map(\.redelivered) == [false, true] }
            #expect(seen.running == 2)
            early.open()
            try await until("the answer for the old channel is dropped") {
                consumer.statistics.settledTooLate == 1
            }
            late.open()
            try await until("the answer for the new channel counts") { consumer.statistics.accepted == 1 }
            #expect(consumer.statistics.rejected == 0)
            let cancelled = wasCancelled.withLock { $0 }
            #expect(!cancelled)
            #expect(consumer.statistics.connects == connects + 1)
            #expect(try await bench.publisher.messageCount(queue: bench.deadQueue) == 0)
        }
    }

    /// Publishes one by one from several tasks while `faults` runs, and returns the ids that were confirmed.
    private func publishing(_ bench: AMQPBench, faults: () async throws -> Void) async throws -> Set<String> {
        let record = PublishRecord()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    var number = 0
                    while !record.isOver {
                        number += 1
                        let id = "\(task)-\(number)"
                        do {
                            let outcome = try await bench.publish(id)
                            #expect(outcome == .confirmed)
                            record.confirm(id)
                        } catch let error as AMQPError {
                            #expect(error.isTransient, "\(error)")
                        }
                        try await Task.sleep(for: .milliseconds(2))
                    }
                }
            }
            defer { record.end() }
            try await until("something is confirmed") { record.confirmed.count > 50 }
            try await faults()
            let before = record.confirmed.count
            try await until("more is confirmed after the fault") { record.confirmed.count > before + 50 }
        }
        return record.confirmed
    }

    /// Makes the broker close the connections of that name; returns how many there were.
    private func closeConnections(named name: String) async throws -> Int {
        let tool = try #require(
            ProcessInfo.processInfo.environment["RABBITMQCTL"], "RABBITMQCTL is the command to run rabbitmqctl")
        let script = """
            \(tool) -q list_connections pid client_properties | grep '\(name)' | cut -f1 | while read -r pid; do
                \(tool) -q close_connection "$pid" test </dev/null && echo closed
            done
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                continuation.resume(returning: text.split(separator: "\n").filter { $0.hasSuffix("closed") }.count)
            }
        }
    }
}

/// What publishing tasks share with their test.
private final class PublishRecord: Sendable {
    private let state = Mutex<(confirmed: Set<String>, isOver: Bool)>(([], false))

    var confirmed: Set<String> { state.withLock { $0.confirmed } }
    var isOver: Bool { state.withLock { $0.isOver } }

    func confirm(_ id: String) { state.withLock { _ = $0.confirmed.insert(id) } }
    func end() { state.withLock { $0.isOver = true } }
}
