package import StudioCore
import StudioProto
import SwiftProtobuf

/// What a worker says of an attempt that ended.
package struct AttemptReport: Sendable {
    package let name: AttemptName
    package let worker: WorkerID
    /// Proves that the hub granted this attempt to this worker; a secret.
    package let token: String
    package let result: AttemptResult
    package let times: AttemptTimes

    package init(
        name: AttemptName, worker: WorkerID, token: String, result: AttemptResult, times: AttemptTimes
    ) {
        self.name = name
        self.worker = worker
        self.token = token
        self.result = result
        self.times = times
    }

    /// The report as a `TaskEvent` of the wire.
    func encoded() throws -> [UInt8] {
        var event = WireTaskEvent()
        event.version = Wire.version
        event.taskID = name.task.description
        event.attempt = UInt32(name.attempt)
        event.workerID = worker.description
        event.token = token
        event.times.downloadSeconds = times.download.secondsValue
        event.times.loadSeconds = times.load.secondsValue
        event.times.computeSeconds = times.compute.secondsValue
        event.times.uploadSeconds = times.upload.secondsValue
        switch result {
        case .completed(let files): event.completed.artifacts = try files.map(WireProducedArtifact.init)
        case .failed(let failure): event.failed = WireFailed(failure)
        case .handedBack: event.handedBack = WireHandedBack()
        case .canceled: event.canceled = WireCanceled()
        }
        return try event.serializedBytes()
    }
}

extension WireProducedArtifact {
    fileprivate init(_ file: UploadedFile) throws {
        self.init()
        name = file.declaration.name
        contentType = file.declaration.contentType
        size = file.declaration.size
        sha256 = try Hexadecimal.bytes(file.declaration.sha256)
        if let frames = file.media.frames { media.frames = Int64(frames) }
        if let samples = file.media.samples { media.samples = Int64(samples) }
        if let width = file.media.width { media.width = Int32(clamping: width) }
        if let height = file.media.height { media.height = Int32(clamping: height) }
    }
}

extension WireFailed {
    fileprivate init(_ failure: TaskFailure) {
        self.init()
        errorClass = failure.errorClass.rawValue
        code = failure.code
        detail = failure.detail
        if let seconds = failure.retryAfterSeconds { retryAfterSeconds = seconds }
    }
}
