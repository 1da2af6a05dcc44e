import Foundation
import StudioCore
import StudioProto
import StudioStore
import SwiftProtobuf
import Testing

@testable import WorkerHub

@Suite struct ReportDecoderTests {
    private let tokens = AttemptTokens(secret: "a secret of the hub")
    private let task = TaskID()
    private let worker = WorkerID()

    private var decoder: ReportDecoder { ReportDecoder(tokens: tokens) }

    private func event(_ change: (inout WireTaskEvent) -> Void = { _ in }) throws -> [UInt8] {
        var event = WireTaskEvent()
        event.version = Wire.version
        event.taskID = task.description
        event.attempt = 2
        event.workerID = worker.description
        event.token = tokens.token(task: task, attempt: 2, worker: worker)
        event.completed = WireCompleted()
        change(&event)
        return try event.serializedBytes()
    }

    private func refusal(_ body: [UInt8]) -> ReportDecoder.Refusal? {
        do {
            _ = try decoder.decode(body)
            return nil
        } catch { return error }
    }

    @Test func `a report in order is read whole`() throws {
        let report = try decoder.decode(
            try event { event in
                event.failed = WireFailed.with {
                    $0.errorClass = "rate_limit"
                    $0.code = "busy"
                    $0.detail = "later"
                    $0.retryAfterSeconds = 30
                }
                event.times.computeSeconds = 1.5
            })
        #expect(report.task == task && report.attempt == 2 && report.worker == worker)
        #expect(report.times.compute == 1.5)
        guard case .failed(let failure) = report.outcome else {
            Issue.record("the outcome is not a failure")
            return
        }
        #expect(failure == TaskFailure(.rateLimit, code: "busy", detail: "later", retryAfterSeconds: 30))
    }

    @Test func `what is no protobuf, of another version or incomplete is refused by name`() throws {
        #expect(refusal([0xFF, 0xFF, 0xFF]) == .notProtobuf)
        #expect(refusal(try event { $0.version = 99 }) == .unknownVersion)
        #expect(refusal(try event { $0.taskID = "task_x" }) == .malformed)
        #expect(refusal(try event { $0.attempt = 0 }) == .malformed)
        #expect(refusal(try event { $0.result = nil }) == .malformed)
    }

    @Test func `a failure of a sort that only newer workers know is repeated, not refused`() throws {
        let report = try decoder.decode(
            try event { event in
                event.failed = WireFailed.with {
                    $0.errorClass = "cosmic_ray"
                    $0.code = "bit_flipped"
                }
            })
        guard case .failed(let failure) = report.outcome else {
            Issue.record("the outcome is not a failure")
            return
        }
        #expect(failure == TaskFailure(.temporary, code: "bit_flipped", detail: ""))
    }

    @Test func `a report too large to be one is refused unread, even if it is in order otherwise`() throws {
        let padded = try event { $0.failed = WireFailed.with { failed in failed.errorClass = "temporary" } }
        // A field that nobody knows is no fault by itself.
        func padding(_ count: Int) -> [UInt8] {
            var field: [UInt8] = [0xFA, 0x7F]
            var length = count
            while length > 0x7F {
                field.append(UInt8(length & 0x7F) | 0x80)
                length >>= 7
            }
            return field + [UInt8(length)] + [UInt8](repeating: 0, count: count)
        }
        #expect(refusal(padded + padding(1_000)) == nil)
        #expect(refusal(padded + padding(ReportDecoder.bytesMax)) == .tooLarge)
        #expect(refusal([UInt8](repeating: 0xFF, count: 16 << 20)) == .tooLarge)
    }

    @Test(arguments: ["attempt", "task", "worker", "token"])
    func `a report whose token is not that of its attempt is forged`(field: String) throws {
        let body = try event { event in
            switch field {
            case "attempt": event.attempt = 3
            case "task": event.taskID = TaskID().description
            case "worker": event.workerID = WorkerID().description
            default: event.token = AttemptTokens(secret: "another").token(task: task, attempt: 2, worker: worker)
            }
        }
        #expect(refusal(body) == .forged)
    }

    @Test func `an artifact without a whole digest or with a negative size is refused`() throws {
        for change: (inout WireProducedArtifact) -> Void in [{ $0.sha256 = Data([1]) }, { $0.size = -1 }] {
            let body = try event { event in
                var artifact = WireProducedArtifact.with {
                    $0.name = "video.mp4"
                    $0.sha256 = Data(repeating: 7, count: 32)
                }
                change(&artifact)
                event.completed.artifacts = [artifact]
            }
            #expect(refusal(body) == .malformed)
        }
    }

    @Test func `random bytes never read as a report`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let body = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            #expect(refusal(body) != nil)
        }
    }
}
