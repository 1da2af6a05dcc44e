import Foundation
import ObjectStore
import StudioCore
import StudioProto

extension ClaimAnswer {
    /// Reads the hub's answer; one without a known outcome is an answer of a newer hub.
    init(_ response: WireClaimResponse, task: TaskID) throws {
        switch response.outcome {
        case .granted(let grant): self = .granted(try Grant(grant, task: task))
        case .held: self = .held
        case .stale: self = .stale
        case nil: throw HubError(.invalid, "a claim's answer without a known outcome")
        }
    }
}

extension Grant {
    /// A lease shorter than this cannot be kept alive, in seconds.
    private static let leaseSecondsMin = 0.1
    /// The longest an attempt may take when the hub does not say, in seconds.
    private static let limitSecondsDefault = 3_600.0

    fileprivate init(_ grant: WireGrant, task: TaskID) throws {
        guard grant.attempt > 0, grant.leaseSeconds >= Self.leaseSecondsMin else {
            throw HubError(.invalid, "a grant without an attempt or a lease")
        }
        let spec: Result<TaskSpec, TaskFailure>
        do {
            spec = .success(try JSONDecoder().decode(TaskSpec.self, from: grant.spec))
        } catch {
            spec = .failure(
                TaskFailure(.poison, code: "spec_unreadable", detail: "this worker cannot read the task: \(error)"))
        }
        self.init(
            name: AttemptName(task: task, attempt: Int(grant.attempt)), lease: .seconds(grant.leaseSeconds),
            token: grant.token, spec: spec, inputs: grant.inputs.map(Input.init),
            limit: .seconds(grant.limitSeconds > 0 ? grant.limitSeconds : Self.limitSecondsDefault))
    }
}

extension Grant.Input {
    fileprivate init(_ input: WireInput) {
        self.init(
            name: input.name, size: input.size, sha256: Hexadecimal.text(input.sha256),
            request: PresignedRequest(input.get))
    }
}

extension UploadGrant {
    init(_ grant: WireUploadGrant) throws {
        switch grant.how {
        case .single(let request): self = .single(PresignedRequest(request))
        case .multipart(let multipart):
            guard multipart.partSize > 0 else { throw HubError(.invalid, "a multipart grant without a part size") }
            self = .multipart(
                uploadID: multipart.uploadID, partSize: multipart.partSize,
                parts: multipart.parts.map(PresignedRequest.init))
        case nil: throw HubError(.invalid, "an upload grant of an unknown sort")
        }
    }
}

extension PresignedRequest {
    fileprivate init(_ request: WireSignedRequest) {
        self.init(
            method: request.method, url: request.url, headers: request.headers,
            expiresAt: Date().addingTimeInterval(request.expiresInSeconds))
    }
}

extension WireUploadFile {
    init(_ file: UploadDeclaration) throws {
        self.init()
        name = file.name
        contentType = file.contentType
        size = file.size
        sha256 = try Hexadecimal.bytes(file.sha256)
    }
}
