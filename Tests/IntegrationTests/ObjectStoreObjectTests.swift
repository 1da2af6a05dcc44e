import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ObjectStore
import SystemPackage
import Testing

@Suite struct ObjectStoreObjectTests {
    static let nastyNames = [
        "plain", "two words", "ünïcödé-日本-🎬", "a+b", "100%", "per%2Fcent", "q?x=1&y=2#f", "'()*!;:@,=$~",
        "<&>\"", "deep/er/est",
    ]

    @Test func `an object comes back as it was put, whatever its key`() async throws {
        try await ObjectStoreBench.use { bench in
            for name in Self.nastyNames {
                let (key, bytes) = (bench.prefix + name, Array("bytes of \(name)".utf8))
                let put = try await bench.client.put(bytes: bytes, key: key, contentType: "text/x-test")
                let head = try #require(try await bench.client.head(key: key), "\(name)")
                #expect(head.size == Int64(bytes.count))
                #expect(head.sha256 == put.sha256)
                #expect(head.etag == put.etag)
                #expect(head.contentType == "text/x-test")
                #expect(abs(try #require(head.modifiedAt).timeIntervalSinceNow) < 600)
                try await bench.client.download(
                    key: key, to: bench.folder.appending("out"), expectedSHA256: put.sha256)
                #expect(try bench.text(of: "out") == "bytes of \(name)")
                let presigned = bench.client.presignGet(key: key, expires: .seconds(60))
                try await bench.transfers.download(presigned, to: bench.folder.appending("out"))
                #expect(try bench.text(of: "out") == "bytes of \(name)")
            }
            var listed: [String] = []
            for try await object in bench.client.list(prefix: bench.prefix) { listed.append(object.key) }
            #expect(Set(listed) == Set(Self.nastyNames.map { bench.prefix + $0 }))
            for name in Self.nastyNames {
                try await bench.client.delete(key: bench.prefix + name)
                #expect(try await bench.client.head(key: bench.prefix + name) == nil)
            }
        }
    }

    @Test func `a key with a doubled slash is reached by what it was put with`() async throws {
        // The store here lists it with one slash, others keep both; nobody refuses the signature.
        try await ObjectStoreBench.use { bench in
            let key = bench.prefix + "a//b"
            try await bench.client.put(bytes: Array("x".utf8), key: key, contentType: "text/plain")
            #expect(try await bench.client.head(key: key)?.size == 1)
            try await bench.client.delete(key: key)
            #expect(try await bench.client.head(key: key) == nil)
        }
    }

    @Test func `an empty object and an empty file are objects too`() async throws {
        try await ObjectStoreBench.use { bench in
            let file = try bench.makeFile("empty", size: 0)
            let key = bench.prefix + "empty"
            let stored = try await bench.client.upload(file: file, key: key, contentType: "text/plain")
            #expect(stored.size == 0)
            let presigned = bench.client.presignPut(
                key: key + "2", contentType: "a/b", contentLength: 0, sha256: SigV4.emptyPayload, expires: .seconds(60))
            _ = try await bench.transfers.upload(file: file, to: presigned)
            for key in [key, key + "2"] {
                let fetched = try await bench.client.download(key: key, to: bench.folder.appending("out"))
                #expect(fetched == DownloadedFile(size: 0, sha256: SigV4.emptyPayload))
            }
        }
    }

    @Test func `listing goes on page by page and deletion takes many`() async throws {
        try await ObjectStoreBench.use { bench in
            let keys = (0..<7).map { "\(bench.prefix)page/\($0)" }
            for key in keys { try await bench.client.put(bytes: [1, 2], key: key, contentType: "a/b") }
            var (seen, continuation): ([String], String?) = ([], nil)
            repeat {
                let page = try await bench.client.page(
                    prefix: bench.prefix + "page/", continuation: continuation, limit: 3)
                #expect(page.objects.count <= 3)
                #expect(page.objects.allSatisfy { $0.size == 2 && $0.modifiedAt != nil })
                seen += page.objects.map(\.key)
                continuation = page.continuation
            } while continuation != nil
            #expect(seen == keys)
            #expect(try await bench.client.delete(keys: keys + [bench.prefix + "never/was <&>"]).isEmpty)
            #expect(try await bench.client.page(prefix: bench.prefix).objects.isEmpty)
        }
    }

    @Test func `what is not there is nil for a look-up and an error for a download`() async throws {
        try await ObjectStoreBench.use { bench in
            let key = bench.prefix + "none"
            #expect(try await bench.client.head(key: key) == nil)
            try await bench.client.delete(key: key)
            await expectStoreError(.notFound) {
                try await bench.client.download(key: key, to: bench.folder.appending("out"))
            }
            #expect(try bench.files.isEmpty)
            await expectStoreError(.invalidRequest) { _ = try await bench.client.head(key: "") }
            await expectStoreError(.invalidRequest) {
                _ = try await bench.client.head(key: String(repeating: "k", count: S3Client.keyLimit + 1))
            }
        }
    }

    @Test func `bytes that only pass through are signed chunk by chunk`() async throws {
        try await ObjectStoreBench.use { bench in
            let file = try bench.makeFile("source", size: 300_000)
            let key = bench.prefix + "stream"
            let bytes = OddBuffers(path: file)
            let etag = try await bench.client.put(
                stream: bytes, size: 300_000, key: key, contentType: "a/b", ifNoneMatch: true)
            #expect(try await bench.client.head(key: key)?.etag == etag)
            try await bench.client.download(
                key: key, to: bench.folder.appending("out"), expectedSHA256: try await FileDigest.sha256(of: file))
            await expectStoreError(.preconditionFailed) {
                try await bench.client.put(
                    stream: bytes, size: 300_000, key: key, contentType: "a/b", ifNoneMatch: true)
            }
        }
    }

    @Test func `the answer to a presigned read has the prescribed headers`() async throws {
        try await ObjectStoreBench.use { bench in
            let key = bench.prefix + "film"
            try await bench.client.put(bytes: Array("x".utf8), key: key, contentType: "a/b")
            let presigned = bench.client.presignGet(
                key: key, expires: .seconds(60), contentDisposition: "attachment; filename=\"ü b.mp4\"",
                contentType: "video/mp4")
            let answer = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: presigned.url), deadline: .now() + .seconds(10))
            #expect(answer.headers.first(name: "content-disposition") == "attachment; filename=\"ü b.mp4\"")
            #expect(answer.headers.first(name: "content-type") == "video/mp4")
        }
    }
}

/// Expects `body` to throw an error of the object store with `code`.
func expectStoreError(
    _ code: ObjectStoreError.Code, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch {
        #expect((error as? ObjectStoreError)?.code == code, "\(error)", sourceLocation: sourceLocation)
    }
}
