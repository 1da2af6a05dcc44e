import Foundation
import Postgres
import StudioCore
import StudioProto
import SwiftProtobuf
import WorkerHub

/// Messages that nobody of ours has sent, or not now.
extension FaultInjector {
    private typealias Message = (body: [UInt8], exchange: String, key: String)

    private static let connectLimit = Duration.seconds(10)
    private static let largest = 16 << 20
    private static let lateReportsMax = 12

    func publishGarbage(_ injection: inout Injection) async throws {
        let messages = try Self.garbage()
        let taken = try await studio.broker.publish(messages, within: Self.connectLimit)
        injection.record.target = "\(taken) of \(messages.count) messages"
        if taken == 0 { injection.record.outcome = .missed }
    }

    private static func garbage() throws -> [Message] {
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
        let unknown = WireTaskMessage.with {
            $0.version = Wire.version
            $0.taskID = TaskID().description
        }
        var other = unknown
        other.version = Wire.version + 1
        let noise = [UInt8](repeating: 0xFF, count: 100)
        let large = [UInt8](repeating: 0xFF, count: largest)
        let reports: [[UInt8]] = [noise, [], large, try newer.serializedBytes(), try forged.serializedBytes()]
        let hints: [[UInt8]] = [noise, [], large, try unknown.serializedBytes(), try other.serializedBytes()]
        let lane = Lane(kind: .noop, priority: .batch).queue
        return reports.map { ($0, Wire.eventExchange, Wire.eventQueue) } + hints.map { ($0, Wire.taskExchange, lane) }
    }

    /// Reports attempts as done that are no longer the last of their task, or whose task has ended, with the tokens
    /// that their workers had: as a worker does that slept, or a broker that delivers twice.
    func publishLateReports(_ injection: inout Injection) async throws {
        let rows = try await studio.database.query(
            """
            SELECT a.task_id, a.attempt, a.worker_id FROM attempts a JOIN tasks t ON t.id = a.task_id
            WHERE a.ended_at IS NOT NULL ORDER BY (t.attempt > a.attempt) DESC, a.ended_at DESC
            LIMIT \(Self.lateReportsMax)
            """)
        let tokens = AttemptTokens(secret: studio.programs.hubSecret)
        let messages: [Message] = try rows.map { row in
            let task = TaskID(try row.decode("task_id", as: UUID.self))
            let worker = WorkerID(try row.decode("worker_id", as: UUID.self))
            let attempt: Int = try row.decode("attempt")
            let event = WireTaskEvent.with {
                $0.version = Wire.version
                $0.taskID = task.description
                $0.attempt = UInt32(attempt)
                $0.workerID = worker.description
                $0.token = tokens.token(task: task, attempt: attempt, worker: worker)
                $0.completed = WireCompleted()
            }
            return (try event.serializedBytes(), Wire.eventExchange, Wire.eventQueue)
        }
        guard !messages.isEmpty else {
            injection.record.outcome = .missed
            return
        }
        let taken = try await studio.broker.publish(messages, within: Self.connectLimit)
        injection.record.target = "\(taken) of \(messages.count) reports"
        if taken == 0 { injection.record.outcome = .missed }
    }
}
