package import ObjectStore
package import SystemPackage

/// How files come from and go to the object store; throws `ObjectStoreError`, having tried again what is transient.
package protocol FileTransferring: Sendable {
    /// Fetches a file, which appears only when size and SHA-256 (hexadecimal) are as expected.
    func fetch(_ request: PresignedRequest, to target: FilePath, size: Int64, sha256: String) async throws

    /// Sends a whole file; that the object is there already counts as success.
    func send(_ file: FilePath, to request: PresignedRequest) async throws

    /// Sends ranges of a file, several at a time; answers their entity tags in order, from part 1.
    func send(_ file: FilePath, parts: [(range: Range<Int64>, request: PresignedRequest)]) async throws -> [String]
}

extension TransferClient: FileTransferring {
    package func fetch(_ request: PresignedRequest, to target: FilePath, size: Int64, sha256: String) async throws {
        try await download(request, to: target, expectedSHA256: sha256, expectedSize: size)
    }

    package func send(_ file: FilePath, to request: PresignedRequest) async throws {
        switch try await upload(file: file, to: request) {
        case .stored: break
        case .alreadyThere:
            // The key belongs to this attempt alone and its grant is signed for these very bytes: an earlier try won.
            break
        }
    }

    package func send(
        _ file: FilePath, parts: [(range: Range<Int64>, request: PresignedRequest)]
    ) async throws -> [String] {
        try await uploadParts(file: file, parts: parts).map(\.etag)
    }
}
