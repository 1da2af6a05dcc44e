import ObjectStore
import StudioCore
import SystemPackage

/// Brings an attempt's files to the object store, under grants that expire: a failed round begins with new grants.
struct AttemptUploads: Sendable {
    /// Rounds of grants and uploads; each transfer within a round is tried several times by itself.
    static let roundsMax = 3

    struct Source: Sendable {
        let path: FilePath
        let declaration: UploadDeclaration
    }

    let grant: Grant
    let hub: any HubCalling
    let transfers: any FileTransferring
    let clock: any WorkerClock

    /// Returns when every file is there.
    ///
    /// - Parameter whenDeclared: called once, when the hub has agreed to take the files.
    /// - Throws: what the last round threw; ``HubError`` with `.fenced` at once.
    func run(_ sources: [Source], whenDeclared: () async -> Void) async throws {
        var backoff = Backoff(first: .milliseconds(500))
        var areDeclared = false
        for round in 1... {
            do {
                let grants = try await grants(for: sources)
                if !areDeclared { await whenDeclared() }
                areDeclared = true
                return try await upload(sources, by: grants)
            } catch {
                guard round < Self.roundsMax, !Self.isFinal(error) else { throw error }
                try await clock.sleep(for: backoff.next())
            }
        }
    }

    private static func isFinal(_ error: any Error) -> Bool {
        switch error {
        case is CancellationError: true
        case let error as HubError: !error.isTransient
        case let error as ObjectStoreError: error.code == .diskFull || error.code == .fileFailed
        default: false
        }
    }

    private func grants(for sources: [Source]) async throws -> [UploadGrant] {
        let grants = try await hub.grantUploads(grant.name, token: grant.token, files: sources.map(\.declaration))
        guard grants.count == sources.count else { throw HubError(.invalid, "not one grant for each file") }
        return grants
    }

    private func upload(_ sources: [Source], by grants: [UploadGrant]) async throws {
        _ = try await Array(zip(sources, grants)).concurrently(limit: AttemptWork.transfersMax) { source, grant in
            try await upload(source, by: grant)
        }
    }

    private func upload(_ source: Source, by uploadGrant: UploadGrant) async throws {
        switch uploadGrant {
        case .single(let request):
            try await transfers.send(source.path, to: request)
        case .multipart(let uploadID, let partSize, let requests):
            let size = source.declaration.size
            let parts = requests.enumerated().map { index, request in
                let start = min(Int64(index) * partSize, size)
                return (range: start..<min(start + partSize, size), request: request)
            }
            guard parts.last?.range.upperBound == size else {
                throw HubError(.invalid, "the parts granted do not cover the file")
            }
            let etags = try await transfers.send(source.path, parts: parts)
            try await hub.completeUpload(
                grant.name, token: grant.token, file: source.declaration.name, uploadID: uploadID, etags: etags)
        }
    }
}
