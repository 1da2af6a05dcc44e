import Foundation
import ObjectStore
import SystemPackage
import Testing

/// What a presigned upload lets its holder do, and what not.
@Suite struct ObjectStoreGrantTests {
    private struct Grant {
        let file: FilePath
        let key: String
        var request: PresignedRequest
    }

    private func grant(
        _ bench: ObjectStoreBench, size: Int = 5_000, client: S3Client? = nil, sha256: String? = nil
    ) async throws -> Grant {
        let file = try bench.makeFile("shot", size: size)
        let key = bench.prefix + "shot.mp4"
        let digest = try await FileDigest.sha256(of: file)
        let request = (client ?? bench.client).presignPut(
            key: key, contentType: "video/mp4", contentLength: Int64(size), sha256: sha256 ?? digest,
            expires: .seconds(60))
        return Grant(file: file, key: key, request: request)
    }

    @Test func `a grant stores exactly what was announced`() async throws {
        try await ObjectStoreBench.use { bench in
            let grant = try await grant(bench)
            let outcome = try await bench.transfers.upload(file: grant.file, to: grant.request)
            let head = try #require(try await bench.client.head(key: grant.key))
            #expect(outcome == .stored(etag: head.etag))
            #expect(head.size == 5_000)
            #expect(head.contentType == "video/mp4")
            #expect(try await head.sha256 == FileDigest.sha256(of: grant.file))
        }
    }

    @Test(arguments: ["content-type", "if-none-match", "x-amz-checksum-sha256"])
    func `a bound header can be neither changed nor left out`(header: String) async throws {
        try await ObjectStoreBench.use { bench in
            let grant = try await grant(bench)
            let other = Data(repeating: 7, count: 32).base64EncodedString()
            for value in [nil, header == "x-amz-checksum-sha256" ? other : "text/html"] {
                var headers = grant.request.headers
                headers[header] = value
                let changed = PresignedRequest(
                    method: "PUT", url: grant.request.url, headers: headers, expiresAt: grant.request.expiresAt)
                await expectStoreError(.denied) { _ = try await bench.transfers.upload(file: grant.file, to: changed) }
            }
            #expect(try await bench.client.head(key: grant.key) == nil)
        }
    }

    @Test func `other lengths are refused, here and by the store`() async throws {
        try await ObjectStoreBench.use { bench in
            let grant = try await grant(bench)
            let longer = try bench.makeFile("longer", size: 5_001)
            await expectStoreError(.invalidRequest) {
                _ = try await bench.transfers.upload(file: longer, to: grant.request)
            }
            var headers = grant.request.headers
            headers["content-length"] = "5001"
            let changed = PresignedRequest(
                method: "PUT", url: grant.request.url, headers: headers, expiresAt: grant.request.expiresAt)
            await expectStoreError(.denied) { _ = try await bench.transfers.upload(file: longer, to: changed) }
            #expect(try await bench.client.head(key: grant.key) == nil)
        }
    }

    @Test func `other bytes of the same length are refused`() async throws {
        try await ObjectStoreBench.use { bench in
            let grant = try await grant(bench)
            let other = try bench.makeFile("other", size: 5_000, seed: 2)
            await expectStoreError(.checksumMismatch) {
                _ = try await bench.transfers.upload(file: other, to: grant.request)
            }
            #expect(try await bench.client.head(key: grant.key) == nil)
        }
    }

    @Test func `of many writers of a key one wins and the others are told`() async throws {
        try await ObjectStoreBench.use { bench in
            // Large enough that the refusal comes while the body is still on its way.
            let grant = try await grant(bench, size: 3 << 20)
            let outcomes = try await withThrowingTaskGroup(of: UploadOutcome.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await bench.transfers.upload(file: grant.file, to: grant.request) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == .alreadyThere }.count == 7)
            #expect(try await bench.transfers.upload(file: grant.file, to: grant.request) == .alreadyThere)
            await expectStoreError(.preconditionFailed) {
                try await bench.client.upload(
                    file: grant.file, key: grant.key, contentType: "video/mp4", ifNoneMatch: true)
            }
        }
    }

    @Test func `a refusal is understood while a large body is still on its way`() async throws {
        try await ObjectStoreBench.use { bench in
            let grant = try await grant(bench, size: 64 << 20)
            try await bench.client.put(bytes: [1], key: grant.key, contentType: "video/mp4")
            #expect(try await bench.transfers.upload(file: grant.file, to: grant.request) == .alreadyThere)
            let url = grant.request.url.dropLast(4) + "beef"
            let changed = PresignedRequest(
                method: "PUT", url: String(url), headers: grant.request.headers, expiresAt: grant.request.expiresAt)
            await expectStoreError(.denied) { _ = try await bench.transfers.upload(file: grant.file, to: changed) }
        }
    }

    @Test func `a changed URL is refused`() async throws {
        try await ObjectStoreBench.use { bench in
            let grant = try await grant(bench)
            let (url, signature) = (grant.request.url, grant.request.url.suffix(64))
            let changes = [
                url.replacing("shot.mp4", with: "else.mp4"),
                url.replacing("X-Amz-Expires=60", with: "X-Amz-Expires=600"),
                url.replacing(signature, with: String(signature.reversed())),
            ]
            for url in changes {
                #expect(url != grant.request.url)
                let changed = PresignedRequest(
                    method: "PUT", url: url, headers: grant.request.headers, expiresAt: grant.request.expiresAt)
                await expectStoreError(.denied) { _ = try await bench.transfers.upload(file: grant.file, to: changed) }
            }
        }
    }

    @Test func `an expired URL is called expired and not tried again`() async throws {
        try await ObjectStoreBench.use { bench in
            let client = try bench.client(clockOffset: -120)
            let grant = try await grant(bench, client: client)
            await expectStoreError(.expired) {
                _ = try await bench.transfers.upload(file: grant.file, to: grant.request)
            }
            let read = client.presignGet(key: grant.key, expires: .seconds(60))
            await expectStoreError(.expired) {
                try await bench.transfers.download(read, to: bench.folder.appending("out"))
            }
        }
    }
}
