import CrashPoint
import Foundation
import GRPCCore
import Logging
import Metrics
import ObjectStore
import StudioCore
import StudioProto
import StudioStore
import SwiftProtobuf

/// Answers worker hosts: claims, upload grants, and one stream a worker.
struct HubService: WireWorkerHub.SimpleServiceProtocol {
    let configuration: HubConfiguration
    let tokens: AttemptTokens
    let uploads: UploadDesk
    let workers: WorkerStore
    let claims: Batcher<ClaimOrder, ClaimOutcome>
    let heartbeats: Batcher<Heartbeat, HeartbeatAnswer>
    let streams: WorkerStreams
    let logger: Logger

    func claim(request: WireClaimRequest, context: ServerContext) async throws -> WireClaimResponse {
        let order = ClaimOrder(
            task: try request.taskID.identifier("task_id"), attempt: try request.attempt.attempt("attempt"),
            worker: try request.workerID.identifier("worker_id"))
        let outcome = try await answering { try await claims.submit(order) }
        if case .granted = outcome { CrashPoint.reach(.hubClaimed) }
        Counter(label: "claims_total", dimensions: [("outcome", outcome.name)]).increment()
        return WireClaimResponse.with { response in
            switch outcome {
            case .granted(let task): response.granted = grant(task, to: order.worker)
            case .held, .turnedAway: response.held = WireHeld()
            case .stale: response.stale = WireStale()
            }
        }
    }

    private func grant(_ task: ClaimedTask, to worker: WorkerID) -> WireGrant {
        WireGrant.with { grant in
            grant.attempt = UInt32(task.attempt)
            grant.runID = task.run.description
            grant.leaseSeconds = configuration.lease.seconds
            grant.token = tokens.token(task: task.task, attempt: task.attempt, worker: worker)
            grant.spec = Data(task.spec.utf8)
            if let kind = task.kind { grant.limitSeconds = kind.attemptSecondsMax }
            grant.inputs = task.inputs.map { input in
                WireInput.with {
                    $0.name = input.name
                    $0.contentType = input.contentType
                    $0.size = input.size
                    $0.sha256 = Data(input.sha256)
                    $0.get = WireSignedRequest(uploads.download(input))
                }
            }
        }
    }

    func grantUploads(
        request: WireGrantUploadsRequest, context: ServerContext
    ) async throws -> WireGrantUploadsResponse {
        let name = try attempt(request.taskID, request.attempt, request.workerID, request.token)
        let files = request.files.map {
            UploadDesk.File(name: $0.name, contentType: $0.contentType, size: $0.size, sha256: Array($0.sha256))
        }
        let grants = try await answering {
            try await uploads.grant(files, task: name.task, attempt: name.attempt, worker: name.worker)
        }
        return WireGrantUploadsResponse.with { $0.grants = grants.map(WireUploadGrant.init) }
    }

    func completeUpload(
        request: WireCompleteUploadRequest, context: ServerContext
    ) async throws -> WireCompleteUploadResponse {
        let name = try attempt(request.taskID, request.attempt, request.workerID, request.token)
        try await answering {
            try await uploads.complete(
                name: request.name, uploadID: request.uploadID, etags: request.etags, task: name.task,
                attempt: name.attempt, worker: name.worker)
        }
        return WireCompleteUploadResponse()
    }

    /// Reads the name of an attempt, and checks that the caller was granted it.
    private func attempt(
        _ task: String, _ attempt: UInt32, _ worker: String, _ token: String
    ) throws -> (task: TaskID, attempt: Int, worker: WorkerID) {
        let task: TaskID = try task.identifier("task_id")
        let worker: WorkerID = try worker.identifier("worker_id")
        let attempt = try attempt.attempt("attempt")
        guard tokens.isValid(token, task: task, attempt: attempt, worker: worker) else {
            throw RPCError(code: .permissionDenied, message: "the token is not that of this attempt")
        }
        return (task, attempt, worker)
    }

    /// The one place where errors become status codes.
    func answering<Value: Sendable>(_ work: @Sendable () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as RPCError {
            throw error
        } catch is CancellationError {
            throw RPCError(code: .unavailable, message: "the hub is shutting down: ask again")
        } catch is Batcher<ClaimOrder, ClaimOutcome>.Overloaded {
            throw RPCError(code: .resourceExhausted, message: "too many calls wait: ask again later")
        } catch UploadDesk.Refusal.stale {
            throw RPCError(code: .failedPrecondition, message: "the attempt no longer counts")
        } catch UploadDesk.Refusal.canceled {
            throw RPCError(code: .aborted, message: "the task is canceled")
        } catch UploadDesk.Refusal.invalid(let detail) {
            throw RPCError(code: .invalidArgument, message: detail)
        } catch {
            logger.error("Call failed", metadata: ["error": "\(error)"])
            throw RPCError(code: .unavailable, message: "the hub cannot reach its database or object store: ask again")
        }
    }
}

extension ClaimOutcome {
    /// As metrics name it.
    fileprivate var name: String {
        switch self {
        case .granted: "granted"
        case .held: "held"
        case .turnedAway: "turned_away"
        case .stale: "stale"
        }
    }
}
