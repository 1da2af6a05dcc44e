import Foundation
import ObjectStore
import StudioCore
import StudioStore

/// Signs the requests by which workers move files: they hold no keys of the object store, and choose no keys in it.
struct UploadDesk: Sendable {
    /// Why an upload is not granted.
    enum Refusal: Error {
        /// The attempt no longer counts.
        case stale
        /// The attempt is to stop.
        case canceled
        /// The request asks for something no task of ours would.
        case invalid(String)
    }

    /// A file that a worker wants to upload.
    struct File: Sendable {
        let name: String
        let contentType: String
        let size: Int64
        let sha256: [UInt8]
    }

    /// How a file may be uploaded.
    enum Grant: Sendable {
        case single(PresignedRequest)
        case multipart(uploadID: String, partSize: Int64, parts: [PresignedRequest])
    }

    private let tasks: TaskStore
    private let objects: S3Client
    private let uploadLife: Duration
    private let downloadLife: Duration

    init(tasks: TaskStore, objects: S3Client, configuration: HubConfiguration) {
        self.tasks = tasks
        self.objects = objects
        uploadLife = configuration.uploadLife
        downloadLife = configuration.downloadLife
    }

    /// The key of an output: unique to the attempt, so that no attempt can write over another one's file.
    static func key(run: RunID, task: TaskID, attempt: Int, name: String) -> String {
        ObjectKey(run: run, task: task, attempt: attempt, name: name).description
    }

    /// A request that reads an input.
    func download(_ input: TaskInput) -> PresignedRequest {
        objects.presignGet(key: input.objectKey, expires: downloadLife)
    }

    /// Signs the uploads of an attempt's files, in their order.
    func grant(_ files: [File], task: TaskID, attempt: Int, worker: WorkerID) async throws -> [Grant] {
        guard (1...HubConfiguration.filesMax).contains(files.count) else {
            throw Refusal.invalid("a grant names 1 to \(HubConfiguration.filesMax) files")
        }
        let rights = try await rights(task, attempt, worker)
        var grants: [Grant] = []
        for file in files {
            try Self.check(file, outputs: rights.outputs)
            let keys = (1...attempt).map { Self.key(run: rights.run, task: task, attempt: $0, name: file.name) }
            grants.append(try await grant(file, keys: keys))
        }
        return grants
    }

    /// - Parameter keys: of all attempts so far; the file goes to the last one.
    private func grant(_ file: File, keys: [String]) async throws -> Grant {
        let key = keys[keys.count - 1]
        guard file.size >= PartPlan.threshold else {
            return .single(
                objects.presignPut(
                    key: key, contentType: file.contentType, contentLength: file.size, sha256: file.sha256,
                    expires: uploadLife))
        }
        // What earlier rounds and attempts have sent and given up costs space until somebody says so.
        // It is no reason to refuse this one when it cannot be said.
        for key in keys { guard (try? await objects.abortMultiparts(key: key)) != nil else { break } }
        let uploadID = try await objects.createMultipart(
            key: key, contentType: file.contentType, sha256: file.sha256.map { Self.hexadecimal($0) }.joined())
        let plan = PartPlan(size: file.size)
        let parts = plan.ranges.enumerated().map { index, range in
            objects.presignPart(
                key: key, uploadID: uploadID, part: index + 1, contentLength: Int64(range.count), expires: uploadLife)
        }
        return .multipart(uploadID: uploadID, partSize: plan.partSize, parts: parts)
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }

    private func rights(
        _ task: TaskID, _ attempt: Int, _ worker: WorkerID
    ) async throws -> (run: RunID, outputs: [String]) {
        switch try await tasks.uploadRights(task: task, attempt: attempt, worker: worker) {
        case .granted(let run, let outputs): return (run, outputs)
        case .canceled: throw Refusal.canceled
        case .stale: throw Refusal.stale
        }
    }

    private static func check(_ file: File, outputs: [String]) throws(Refusal) {
        guard outputs.contains(file.name) else { throw .invalid("the task makes \(outputs), not \"\(file.name)\"") }
        guard file.contentType.utf8.count <= HubConfiguration.contentTypeMax else {
            throw .invalid("the content type of \(file.name) may have \(HubConfiguration.contentTypeMax) bytes")
        }
        guard (1...HubConfiguration.fileBytesMax).contains(file.size) else {
            throw .invalid("\(file.name) may have 1 to \(HubConfiguration.fileBytesMax) bytes")
        }
        guard file.sha256.count == SHA256Length.bytes else {
            throw .invalid("\(file.name) needs a SHA-256 of 32 bytes")
        }
    }

    /// Joins the parts of a file.
    func complete(
        name: String, uploadID: String, etags: [String], task: TaskID, attempt: Int, worker: WorkerID
    ) async throws {
        let rights = try await rights(task, attempt, worker)
        guard rights.outputs.contains(name), !etags.isEmpty, etags.count <= PartPlan.maximumParts else {
            throw Refusal.invalid("the upload names no output of the task, or no parts")
        }
        let key = Self.key(run: rights.run, task: task, attempt: attempt, name: name)
        let parts = etags.enumerated().map { (number: $0.offset + 1, etag: $0.element) }
        do {
            _ = try await objects.completeMultipart(key: key, uploadID: uploadID, parts: parts, ifNoneMatch: true)
        } catch let error as ObjectStoreError where error.code == .preconditionFailed {
            // An earlier call joined them and its answer was lost: the key is this attempt's own.
            guard try await objects.head(key: key) != nil else { throw error }
            try? await objects.abortMultipart(key: key, uploadID: uploadID)
        }
    }
}

/// The length of a SHA-256.
private enum SHA256Length {
    static let bytes = 32
}
