import NIOHTTP1

extension S3Client {
    /// The most objects of one page.
    package static let pageLimit = 1_000

    /// One page of the objects whose keys begin with `prefix`, in the order of their keys.
    ///
    /// - Parameters:
    ///   - continuation: from the page before; nil begins.
    ///   - limit: objects of the page, 1 ... 1,000.
    package func page(
        prefix: String, continuation: String? = nil, limit: Int = S3Client.pageLimit
    ) async throws -> ObjectPage {
        precondition((1...Self.pageLimit).contains(limit), "a page has 1 to \(Self.pageLimit) objects")
        var call = S3Call(method: .GET, key: nil)
        call.query = [("list-type", "2"), ("max-keys", String(limit)), ("prefix", prefix)]
        if let continuation { call.query.append(("continuation-token", continuation)) }
        let reply = try await success(of: call, operation: "listing of \(prefix)")
        let answer = try S3XML.parse(reply.body).named("ListBucketResult")
        let objects = try answer.all("Contents").map { entry in
            guard let key = entry.text(of: "Key"), let size = entry.text(of: "Size").flatMap({ Int64($0) }) else {
                throw ObjectStoreError(.malformedResponse, "listing of \(prefix): an object without key or size")
            }
            return StoredObject(
                key: key, size: size, sha256: nil, etag: (entry.text(of: "ETag") ?? "").filter { $0 != "\"" },
                contentType: nil, modifiedAt: S3Date.parse(iso8601: entry.text(of: "LastModified")))
        }
        let next = answer.text(of: "IsTruncated") == "true" ? answer.text(of: "NextContinuationToken") : nil
        return ObjectPage(objects: objects, continuation: next)
    }

    /// All objects whose keys begin with `prefix`, fetched page by page as they are consumed.
    package func list(prefix: String) -> ObjectListing { ObjectListing(client: self, prefix: prefix) }
}
