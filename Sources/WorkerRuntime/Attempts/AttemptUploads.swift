import ObjectStore
import StudioCore
import SystemPackage

/// Brings an attempt's files to the object store, under grants that expire: a failed round begins with new grants.
///
/// What was made cost time of a GPU: it outlasts a hub or a store that is away for a while.
struct AttemptUploads: Sendable {
    /// Rounds in a row that fail although hub and store are there; each transfer is tried several times by itself.
    static let roundsMax = 3
    /// How long hub or store may be away.
    static let patience: Duration = .seconds(15 * 60)

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
    /// - Throws: what the last round threw; ``HubError`` with `.fenced` or `.canceled` at once.
    func run(_ sources: [Source], whenDeclared: () async -> Void) async throws {
        var backoff = Backoff(first: .milliseconds(500))
        var areDeclared = false
        var failures = 0
        var awaySince: Duration?
        while true {
            do {
                let grants = try await grants(for: sources)
                if !areDeclared { await whenDeclared() }
                areDeclared = true
                return try await upload(sources, by: grants)
            } catch {
                let isAway = Self.isAway(error)
                awaySince = isAway ? awaySince ?? clock.now : nil
                failures = isAway ? 0 : failures + 1
                let isOver = awaySince.map { clock.now - $0 >= Self.patience } ?? (failures == Self.roundsMax)
                guard !isOver, !Self.isFinal(error) else { throw error }
                try await clock.sleep(for: backoff.next())
            }
        }
    }

    private static func isAway(_ error: any Error) -> Bool {
        switch error {
        case let error as HubError: error.isTransient
        case let error as ObjectStoreError: error.isTransient
        default: false
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
