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
            let worker = PipelineWorker(name: "noop-a", kinds: [.noop])
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
                try await eventually("all of it is set aside, and no more") {
                    try await pipeline.broker.depth(of: Wire.deadQueue) == garbage.count
                }
                let refused = try await PipelineHTTP.metric(
                    "reports_refused_total", port: pipeline.programs.hubHealthPort)
                #expect(Int(refused) == garbage.count { $0.exchange == Wire.eventExchange })
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
            let hint = WireTaskMessage.with {
                $0.version = Wire.version + 1
                $0.taskID = TaskID().description
            }
            let noise = [UInt8](repeating: 0xFF, count: 100)
            let megabyte = [UInt8](repeating: 0xFF, count: 1 << 20)
            let reports: [[UInt8]] = [
                noise, [], megabyte, try newer.serializedBytes(), try forged.serializedBytes(),
            ]
            let hints: [[UInt8]] = [noise, [], megabyte, try hint.serializedBytes()]
            let lane = Lane(kind: .noop, priority: .batch).queue
            return reports.map { Garbage(body: $0, exchange: Wire.eventExchange, key: Wire.eventQueue) }
                + hints.map { Garbage(body: $0, exchange: Wire.taskExchange, key: lane) }
        }
    }
}
