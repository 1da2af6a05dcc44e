import AMQP
import DevStack
import Foundation
import Postgres
import StudioClient
import StudioCore
import StudioProto
import SwiftProtobuf
import Testing

extension PipelineSuite {
    @Suite struct GarbageTests {
        @Test func `messages that nobody can use are set aside, and nothing else is harmed`() async throws {
            let port = try PipelinePorts.free()
            let worker = PipelineWorker(name: "noop-a", kinds: [.noop], healthPort: port)
            try await Pipeline.with([worker]) { pipeline in
                let garbage = try Self.garbage()
                try await pipeline.broker.withPublisher { publisher in
                    for (number, message) in garbage.enumerated() {
                        let outcome = try await publisher.publish(
                            AMQPMessage(body: message.body, messageID: "garbage-\(number)"),
                            exchange: message.exchange, routingKey: message.key)
                        #expect(outcome == .confirmed)
                    }
                }
                let run = try await pipeline.submitNoop(10)
                try await pipeline.succeeded(run)
                try await eventually("all of it is set aside, and no more", within: .seconds(40)) {
                    try await pipeline.broker.depth(of: Wire.deadQueue) == garbage.count
                }
                let refused = try await PipelineHTTP.metric(
                    "reports_refused_total", port: pipeline.programs.hubHealthPort)
                #expect(Int(refused) == garbage.count { $0.exchange == Wire.eventExchange })
                let rejected = try await PipelineHTTP.metric("worker_hints", "rejected", port: port)
                #expect(Int(rejected) == garbage.count { $0.exchange == Wire.taskExchange })
                #expect(try await pipeline.number("SELECT max(attempt) AS n FROM tasks") == 1)
                let (status, _) = try await PipelineHTTP.readiness(port: pipeline.programs.hubHealthPort)
                #expect(status == 200)
            }
        }

        private struct Garbage {
            let body: [UInt8]
            let exchange: String
            let key: String
        }

        private static func garbage() throws -> [Garbage] {
            let forged = WireTaskEvent.with {
                $0.version = Wire.version
                $0.taskID = TaskID().description
                $0.attempt = 1
                $0.workerID = WorkerID().description
                $0.token = Data("forged".utf8).base64EncodedString()
                $0.completed = WireCompleted()
            }
            var newer = forged
            newer.version = Wire.version + 1
            var hint = WireTaskMessage.with {
                $0.version = Wire.version + 1
                $0.taskID = TaskID().description
            }
            let newerHint: [UInt8] = try hint.serializedBytes()
            let noise = [UInt8](repeating: 0xFF, count: 100)
            let megabyte = [UInt8](repeating: 0xFF, count: 1 << 20)
            // As large as a message may be: no protobuf, and protobuf of this version with a field that nobody knows.
            let large = [UInt8](repeating: 0xFF, count: 16_000_000)
            let padding: [UInt8] = [0xFA, 0x7F, 0x80, 0xC8, 0xD0, 0x07] + [UInt8](repeating: 0, count: 16_000_000)
            hint.version = Wire.version
            let padded: [UInt8] = try hint.serializedBytes() + padding
            _ = try WireTaskMessage(serializedBytes: padded)
            let reports: [[UInt8]] = [
                noise, [], megabyte, large, try newer.serializedBytes(), try forged.serializedBytes(),
            ]
            let hints: [[UInt8]] = [noise, [], megabyte, large, padded, newerHint]
            let lane = Lane(kind: .noop, priority: .batch).queue
            return reports.map { Garbage(body: $0, exchange: Wire.eventExchange, key: Wire.eventQueue) }
                + hints.map { Garbage(body: $0, exchange: Wire.taskExchange, key: lane) }
        }
    }
}
