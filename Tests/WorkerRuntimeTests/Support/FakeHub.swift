import ObjectStore
import StudioCore
import Synchronization
import WorkerRuntime

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A hub that answers as the test says, and remembers what it was asked.
final class FakeHub: HubCalling {
    typealias Claims = @Sendable (_ task: TaskID, _ call: Int) throws -> ClaimAnswer
    typealias Uploads = @Sendable (_ file: UploadDeclaration, _ call: Int) throws -> UploadGrant

    private struct State {
        var claims: Claims
        var uploads: Uploads = { file, _ in .single(.fake(file.name)) }
        var claimCalls = 0
        var grantCalls = 0
        var completions: [[String]] = []
    }

    private let state: Mutex<State>

    init(_ claims: @escaping Claims) {
        state = Mutex(State(claims: claims))
    }

    var claimCalls: Int { state.withLock { $0.claimCalls } }
    var grantCalls: Int { state.withLock { $0.grantCalls } }
    /// The entity tags of every completed multipart upload.
    var completions: [[String]] { state.withLock { $0.completions } }

    func answerClaims(_ claims: @escaping Claims) { state.withLock { $0.claims = claims } }

    func answerUploads(_ uploads: @escaping Uploads) { state.withLock { $0.uploads = uploads } }

    func claim(task: TaskID, attempt: Int) async throws -> ClaimAnswer {
        let (claims, call) = state.withLock { state in
            state.claimCalls += 1
            return (state.claims, state.claimCalls)
        }
        return try claims(task, call)
    }

    func grantUploads(_ name: AttemptName, token: String, files: [UploadDeclaration]) async throws -> [UploadGrant] {
        let (uploads, call) = state.withLock { state in
            state.grantCalls += 1
            return (state.uploads, state.grantCalls)
        }
        return try files.map { try uploads($0, call) }
    }

    func completeUpload(
        _ name: AttemptName, token: String, file: String, uploadID: String, etags: [String]
    ) async throws {
        state.withLock { $0.completions.append(etags) }
    }
}

extension PresignedRequest {
    static func fake(_ name: String) -> PresignedRequest {
        PresignedRequest(
            method: "PUT", url: "http://store.test/\(name)", headers: [:], expiresAt: .now.addingTimeInterval(900))
    }
}
