import AsyncHTTPClient
import Crypto
import NIOCore
import NIOHTTP1

extension S3Client {
    /// The most unfinished uploads that one call returns.
    package static let multipartListingLimit = 10_000

    /// Begins a multipart upload to `key`.
    ///
    /// - Parameter sha256: of the whole object in hexadecimal, when known; it comes back from `head`.
    /// - Returns: the id of the upload.
    package func createMultipart(key: String, contentType: String, sha256: String? = nil) async throws -> String {
        var call = S3Call(method: .POST, key: key, query: [("uploads", "")])
        call.headers = [("content-type", contentType)]
        if let sha256 { call.headers.append((Self.metadataSHA256, sha256)) }
        let operation = "begin of the multipart upload of \(key)"
        let reply = try await success(of: call, operation: operation)
        // The name of the element is not looked at: rclone's server leaves its "Result" out.
        let answer = try S3XML.parse(reply.body)
        guard let uploadID = answer.text(of: "UploadId"), !uploadID.isEmpty else {
            throw ObjectStoreError(.malformedResponse, "\(operation): no id", httpStatus: reply.status)
        }
        return uploadID
    }

    /// Makes one object of the parts: the moment at which the object exists.
    ///
    /// - Parameters:
    ///   - parts: all of them, in any order.
    ///   - ifNoneMatch: true throws `.preconditionFailed` when the key is taken; the upload is then still to abort.
    /// - Returns: the entity tag of the object.
    @discardableResult
    package func completeMultipart(
        key: String, uploadID: String, parts: [(number: Int, etag: String)], ifNoneMatch: Bool
    ) async throws -> String {
        let list = parts.sorted { $0.number < $1.number }.map { part in
            "<Part><PartNumber>\(part.number)</PartNumber><ETag>\"\(S3XML.escaped(part.etag))\"</ETag></Part>"
        }
        let body = Array("<CompleteMultipartUpload>\(list.joined())</CompleteMultipartUpload>".utf8)
        var call = S3Call(method: .POST, key: key, query: [("uploadId", uploadID)])
        call.payloadHash = Hexadecimal.encode(SHA256.hash(data: body))
        call.headers = [("content-type", "application/xml")] + (ifNoneMatch ? [("if-none-match", "*")] : [])
        let operation = "completion of the multipart upload of \(key)"
        let signedCall = call
        return try await policy.run(logging: TransferLog(logger: logger, operation: operation)) { attempt in
            do {
                let request = try request(for: signedCall, body: .bytes(ByteBuffer(bytes: body)))
                return try Self.completed(try await transport.success(of: request, operation: operation), operation)
            } catch let error as ObjectStoreError where error.s3Code == "NoSuchUpload" && attempt > 1 {
                // The earlier try did complete it; only the answer was lost.
                guard let there = try await head(key: key) else { throw error }
                return there.etag
            }
        }
    }

    /// S3 sends the status before the work is done: an error may come in the body of a 200.
    private static func completed(_ reply: Reply, _ operation: String) throws -> String {
        let answer = try S3XML.parse(reply.body)
        if answer.name == "Error" {
            let status = answer.text(of: "Code") == "PreconditionFailed" ? 412 : 500
            throw ObjectStoreError(
                status: status, s3Code: answer.text(of: "Code"), message: answer.text(of: "Message"),
                operation: operation)
        }
        let etag = try answer.named("CompleteMultipartUploadResult").text(of: "ETag") ?? ""
        return etag.filter { $0 != "\"" }
    }

    /// Gives up a multipart upload and frees its parts; that there is none is no error.
    package func abortMultipart(key: String, uploadID: String) async throws {
        let call = S3Call(method: .DELETE, key: key, query: [("uploadId", uploadID)])
        do {
            _ = try await success(of: call, operation: "abortion of the multipart upload of \(key)")
        } catch let error as ObjectStoreError where error.httpStatus == 404 {}
    }

    /// Gives up every unfinished multipart upload to `key`.
    package func abortMultiparts(key: String) async throws {
        // Asked for by the whole key: some stores list nothing for a part of one.
        for upload in try await listMultipartUploads(prefix: key) where upload.key == key {
            try await abortMultipart(key: key, uploadID: upload.uploadID)
        }
    }

    /// The unfinished multipart uploads to keys that begin with `prefix`, up to a limit of 10,000.
    package func listMultipartUploads(prefix: String = "") async throws -> [MultipartUpload] {
        var uploads: [MultipartUpload] = []
        var markers: [(name: String, value: String)] = []
        while uploads.count < Self.multipartListingLimit {
            let call = S3Call(method: .GET, key: nil, query: [("uploads", ""), ("prefix", prefix)] + markers)
            let reply = try await success(of: call, operation: "listing of multipart uploads")
            let answer = try S3XML.parse(reply.body).named("ListMultipartUploadsResult")
            uploads += answer.all("Upload").map { upload in
                MultipartUpload(
                    key: upload.text(of: "Key") ?? "", uploadID: upload.text(of: "UploadId") ?? "",
                    initiatedAt: S3Date.parse(iso8601: upload.text(of: "Initiated")))
            }
            guard answer.text(of: "IsTruncated") == "true", let key = answer.text(of: "NextKeyMarker") else { break }
            let next: [(name: String, value: String)] = [
                ("key-marker", key), ("upload-id-marker", answer.text(of: "NextUploadIdMarker") ?? ""),
            ]
            guard next.map(\.value) != markers.map(\.value) else { break }
            markers = next
        }
        return uploads
    }
}
