import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
package import SystemPackage
import _NIOFileSystem

extension S3Client {
    /// What is about to be stored.
    struct Content: Sendable {
        let key: String
        let type: String
        let size: Int64
        /// Hexadecimal.
        let sha256: String
        let ifNoneMatch: Bool

        var headers: [(name: String, value: String)] {
            [("content-type", type), (S3Client.metadataSHA256, sha256)] + (ifNoneMatch ? [("if-none-match", "*")] : [])
        }

        func stored(etag: String?) -> StoredObject {
            StoredObject(key: key, size: size, sha256: sha256, etag: etag ?? "", contentType: type, modifiedAt: nil)
        }
    }

    /// Writes the file to `key`, streamed from disk: in one request below 16 MiB, in parallel parts above.
    ///
    /// - Parameter ifNoneMatch: true throws `.preconditionFailed` when the key is taken.
    /// - Returns: with size and SHA-256 of what was stored.
    @concurrent
    @discardableResult
    package func upload(
        file: FilePath, key: String, contentType: String, ifNoneMatch: Bool = false
    ) async throws -> StoredObject {
        try await withFile(at: file) { [self] handle, size in
            let whole = FileSlice(handle: handle, range: 0..<size)
            let content = Content(
                key: key, type: contentType, size: size, sha256: try await FileDigest.sha256(of: whole),
                ifNoneMatch: ifNoneMatch)
            if size < PartPlan.threshold { return try await put(content, body: whole.body) }
            return try await uploadParts(of: whole, content: content)
        }
    }

    /// One PUT.
    ///
    /// The signature covers the SHA-256, so a file that changes meanwhile is refused by the store.
    func put(_ content: Content, body: HTTPClientRequest.Body) async throws -> StoredObject {
        var call = S3Call(method: .PUT, key: content.key, headers: content.headers, payloadHash: content.sha256)
        call.headers.append(("x-amz-checksum-sha256", FileDigest.checksumHeader(content.sha256)))
        let operation = "upload of \(content.key)"
        let log = TransferLog(logger: logger, operation: operation)
        return try await policy.run(logging: log) { attempt in
            do {
                let request = try request(for: call, body: body)
                return content.stored(etag: try await transport.success(of: request, operation: operation).etag)
            } catch let error as ObjectStoreError where error.code == .preconditionFailed && attempt > 1 {
                // An earlier try may have been stored although its answer was lost.
                guard let there = try await head(key: content.key), there.sha256 == content.sha256 else { throw error }
                return there
            }
        }
    }

    private func uploadParts(of whole: FileSlice, content: Content) async throws -> StoredObject {
        let uploadID = try await createMultipart(
            key: content.key, contentType: content.type, sha256: content.sha256)
        do {
            let plan = PartPlan(size: content.size)
            let ranges = Array(plan.ranges.enumerated())
            let parts = try await ranges.mapConcurrently(limit: PartPlan.concurrency) { [self] part in
                let number = part.offset + 1
                let slice = FileSlice(handle: whole.handle, range: part.element)
                return (number: number, etag: try await uploadPart(number, slice, of: content, uploadID: uploadID))
            }
            let etag = try await completeMultipart(
                key: content.key, uploadID: uploadID, parts: parts, ifNoneMatch: content.ifNoneMatch)
            return content.stored(etag: etag)
        } catch {
            await abortAfterFailure(key: content.key, uploadID: uploadID)
            throw error
        }
    }

    private func uploadPart(
        _ number: Int, _ slice: FileSlice, of content: Content, uploadID: String
    ) async throws -> String {
        let call = S3Call(
            method: .PUT, key: content.key, query: [("partNumber", String(number)), ("uploadId", uploadID)],
            payloadHash: try await FileDigest.sha256(of: slice))
        let operation = "upload of part \(number) of \(content.key)"
        let reply = try await success(of: call, body: slice.body, operation: operation)
        guard let etag = reply.etag else {
            throw ObjectStoreError(.malformedResponse, "\(operation): no entity tag", httpStatus: reply.status)
        }
        return etag
    }

    /// Leaves no parts behind that would be paid for.
    ///
    /// Through a future, because the task may be cancelled already, and
    /// then an asynchronous request would not go out.
    private func abortAfterFailure(key: String, uploadID: String) async {
        let call = S3Call(method: .DELETE, key: key, query: [("uploadId", uploadID)])
        do {
            let signed = try request(for: call)
            let request = try HTTPClient.Request(url: signed.url, method: .DELETE, headers: signed.headers)
            let answer = try await transport.client.execute(request: request, deadline: .now() + .seconds(10)).get()
            guard answer.status.code < 300 || answer.status == .notFound else {
                throw ObjectStoreError(.serverError, "not aborted", httpStatus: Int(answer.status.code))
            }
        } catch {
            let error = ObjectStoreError.wrapping(error, operation: "abortion of the upload")
            logger.warning(
                "Multipart upload could not be aborted, its parts are left to the lifecycle rule",
                metadata: ["key": "\(key)", "error": "\(error)"])
        }
    }
}
