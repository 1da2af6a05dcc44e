import Foundation
import StudioCore
import StudioProto
import StudioStore
import SwiftProtobuf

/// Reads what workers report; everything in a message is untrusted until its token has been checked.
struct ReportDecoder: Sendable {
    /// Why a message is not a report.
    enum Refusal: String, Error {
        case tooLarge = "too_large"
        case notProtobuf = "not_protobuf"
        case unknownVersion = "unknown_version"
        case malformed
        case forged
    }

    /// A report whose artifacts have no keys yet: those depend on the run, which the store knows.
    struct Report: Sendable {
        let task: TaskID
        let attempt: Int
        let worker: WorkerID
        let outcome: Outcome
        let times: TaskReport.Times
    }

    enum Outcome: Sendable {
        case completed([File])
        case failed(TaskFailure)
        case handedBack
        case canceled
    }

    /// A file as the worker describes it.
    struct File: Sendable {
        let name: String
        let contentType: String
        let size: Int64
        let sha256: [UInt8]
        let media: MediaFacts
    }

    /// The largest report, in bytes: one names up to ``HubConfiguration/filesMax`` files.
    static let bytesMax = 256 << 10

    let tokens: AttemptTokens

    func decode(_ body: [UInt8]) throws(Refusal) -> Report {
        guard body.count <= Self.bytesMax else { throw .tooLarge }
        let event: WireTaskEvent
        do { event = try WireTaskEvent(serializedBytes: body) } catch { throw .notProtobuf }
        guard event.version == Wire.version else { throw .unknownVersion }
        guard let task = TaskID(event.taskID), let worker = WorkerID(event.workerID), event.attempt > 0,
            event.attempt <= UInt32(Int32.max), let result = event.result
        else { throw .malformed }
        let attempt = Int(event.attempt)
        guard tokens.isValid(event.token, task: task, attempt: attempt, worker: worker) else { throw .forged }
        return Report(
            task: task, attempt: attempt, worker: worker, outcome: try Self.outcome(result),
            times: TaskReport.Times(
                download: Self.seconds(event.times.downloadSeconds), load: Self.seconds(event.times.loadSeconds),
                compute: Self.seconds(event.times.computeSeconds), upload: Self.seconds(event.times.uploadSeconds)))
    }

    /// No attempt takes longer than a day.
    private static let secondsMax = 86_400.0

    /// A worker's word about time, as far as it makes sense.
    private static func seconds(_ value: Double) -> Double {
        value.isFinite ? min(max(0, value), secondsMax) : 0
    }

    private static func outcome(_ result: WireTaskEvent.OneOf_Result) throws(Refusal) -> Outcome {
        switch result {
        case .completed(let completed):
            guard completed.artifacts.count <= HubConfiguration.filesMax else { throw .malformed }
            var files: [File] = []
            for artifact in completed.artifacts { files.append(try file(artifact)) }
            return .completed(files)
        case .failed(let failed):
            return .failed(
                TaskFailure(
                    // What only newer workers know may pass; refused, the task would wait for its lease to end.
                    ErrorClass(rawValue: failed.errorClass) ?? .temporary,
                    code: String(failed.code.prefix(64)).withoutNulls, detail: failed.detail.withoutNulls,
                    retryAfterSeconds: failed.hasRetryAfterSeconds && failed.retryAfterSeconds.isFinite
                        ? failed.retryAfterSeconds : nil))
        case .handedBack: return .handedBack
        case .canceled: return .canceled
        }
    }

    private static func file(_ artifact: WireProducedArtifact) throws(Refusal) -> File {
        guard artifact.sha256.count == 32, (0...HubConfiguration.fileBytesMax).contains(artifact.size),
            !artifact.name.contains("\0"), !artifact.contentType.contains("\0"),
            artifact.contentType.utf8.count <= HubConfiguration.contentTypeMax
        else { throw .malformed }
        let media = artifact.media
        return File(
            name: artifact.name, contentType: artifact.contentType, size: artifact.size,
            sha256: Array(artifact.sha256),
            media: MediaFacts(
                frames: media.hasFrames ? Int(media.frames) : nil, samples: media.hasSamples ? Int(media.samples) : nil,
                width: media.hasWidth ? Int(media.width) : nil, height: media.hasHeight ? Int(media.height) : nil))
    }
}

extension String {
    /// Postgres text cannot hold NUL.
    fileprivate var withoutNulls: String { replacing("\0", with: "") }
}
