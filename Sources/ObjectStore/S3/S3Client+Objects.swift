import AsyncHTTPClient
import Crypto
import NIOCore
import NIOHTTP1
package import SystemPackage

extension S3Client {
    static let metadataSHA256 = "x-amz-meta-sha256"
    /// One try of a look-up: far more than it takes, and less than whoever waits for it can.
    private static let lookUpLimit = Duration.seconds(5)

    /// What the store knows of the object at `key`; nil when there is none.
    package func head(key: String) async throws -> StoredObject? {
        let call = S3Call(method: .HEAD, key: key, headers: [("x-amz-checksum-mode", "ENABLED")])
        let reply: Reply
        do {
            reply = try await success(of: call, operation: "look-up of \(key)", limit: Self.lookUpLimit)
        } catch let error as ObjectStoreError where error.httpStatus == 404 {
            return nil
        }
        let headers = reply.headers
        guard let size = headers.first(name: "content-length").flatMap(Int64.init) else {
            throw ObjectStoreError(.malformedResponse, "look-up of \(key): no length", httpStatus: reply.status)
        }
        let checksum = headers.first(name: "x-amz-checksum-sha256").flatMap(FileDigest.sha256(checksumHeader:))
        return StoredObject(
            key: key, size: size, sha256: checksum ?? headers.first(name: Self.metadataSHA256),
            etag: reply.etag ?? "", contentType: headers.first(name: "content-type"),
            modifiedAt: S3Date.parse(httpHeader: headers.first(name: "last-modified")))
    }

    /// Writes a small object from memory.
    ///
    /// - Parameter ifNoneMatch: true throws `.preconditionFailed` when the key is taken.
    @discardableResult
    package func put(
        bytes: some Sequence<UInt8>, key: String, contentType: String, ifNoneMatch: Bool = false
    ) async throws -> StoredObject {
        let buffer = ByteBuffer(bytes: bytes)
        let sha256 = Hexadecimal.encode(
            buffer.withUnsafeReadableBytes { bytes in
                var hasher = SHA256()
                hasher.update(bufferPointer: bytes)
                return hasher.finalize()
            })
        let content = Content(
            key: key, type: contentType, size: Int64(buffer.readableBytes), sha256: sha256, ifNoneMatch: ifNoneMatch)
        return try await put(content, body: .bytes(buffer))
    }

    /// Fetches the object at `key` into the file `target`, which appears in one step and only when it is complete.
    ///
    /// - Parameters:
    ///   - range: bytes of the object, not empty; nil takes all.
    ///   - expectedSHA256: of what is fetched, hexadecimal; otherwise `.checksumMismatch`.
    @concurrent
    @discardableResult
    package func download(
        key: String, to target: FilePath, range: Range<Int64>? = nil, expectedSHA256: String? = nil
    ) async throws -> DownloadedFile {
        try await Download(
            transport: transport, policy: policy, log: TransferLog(logger: logger, operation: "download of \(key)"),
            target: target, range: range, expectedSHA256: expectedSHA256,
            request: { [self] range in
                try request(for: S3Call(method: .GET, key: key, headers: range.map { [("range", $0)] } ?? []))
            }
        ).run()
    }

    /// Deletes the object at `key`; that there is none is no error.
    package func delete(key: String) async throws {
        do {
            _ = try await success(of: S3Call(method: .DELETE, key: key), operation: "deletion of \(key)")
        } catch let error as ObjectStoreError where error.s3Code == "NoSuchKey" {}
    }

    /// Deletes many objects, up to 1,000 in a request.
    ///
    /// - Returns: the keys that the store did not delete; keys without an object are not among them.
    @discardableResult
    package func delete(keys: [String]) async throws -> [DeletionFailure] {
        var failures: [DeletionFailure] = []
        for start in stride(from: 0, to: keys.count, by: Self.deletionBatch) {
            failures += try await deleteBatch(keys[start..<min(start + Self.deletionBatch, keys.count)])
        }
        return failures
    }

    private static let deletionBatch = 1_000

    private func deleteBatch(_ keys: ArraySlice<String>) async throws -> [DeletionFailure] {
        let objects = keys.map { "<Object><Key>\(S3XML.escaped($0))</Key></Object>" }.joined()
        let body = Array("<Delete><Quiet>true</Quiet>\(objects)</Delete>".utf8)
        let digest = SHA256.hash(data: body)
        var call = S3Call(method: .POST, key: nil, query: [("delete", "")], payloadHash: Hexadecimal.encode(digest))
        // S3 wants one of the two; older stores know only the first.
        call.headers = [
            ("content-md5", Base64.encode(Insecure.MD5.hash(data: body))),
            ("x-amz-checksum-sha256", Base64.encode(digest)), ("content-type", "application/xml"),
        ]
        let operation = "deletion of \(keys.count) objects"
        let reply = try await success(of: call, body: .bytes(ByteBuffer(bytes: body)), operation: operation)
        return try S3XML.parse(reply.body).named("DeleteResult").all("Error").map { error in
            DeletionFailure(
                key: error.text(of: "Key") ?? "", s3Code: error.text(of: "Code") ?? "",
                message: error.text(of: "Message") ?? "")
        }.filter { $0.s3Code != "NoSuchKey" }
    }
}
