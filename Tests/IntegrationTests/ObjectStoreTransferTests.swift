import Foundation
import ObjectStore
import Synchronization
import SystemPackage
import Testing

@Suite struct ObjectStoreTransferTests {
    static let large = 40 << 20

    @Test func `a large file goes in parallel parts`() async throws {
        try await ObjectStoreBench.use { bench in
            let file = try bench.makeFile("file", size: Self.large)
            let digest = try await FileDigest.sha256(of: file)
            let key = bench.prefix + "parts"
            let stored = try await bench.client.upload(
                file: file, key: key, contentType: "video/mp4", ifNoneMatch: true)
            #expect(stored.sha256 == digest)
            #expect(stored.etag.hasSuffix("-5"))
            let head = try #require(try await bench.client.head(key: key))
            #expect(head.size == Int64(Self.large))
            #expect(head.sha256 == digest)
            #expect(head.contentType == "video/mp4")
            try await bench.client.download(key: key, to: bench.folder.appending("out"), expectedSHA256: digest)
            await expectStoreError(.preconditionFailed) {
                try await bench.client.upload(file: file, key: key, contentType: "video/mp4", ifNoneMatch: true)
            }
            #expect(try await bench.client.listMultipartUploads(prefix: bench.prefix).isEmpty)
        }
    }

    @Test func `a large file goes in parts by who holds no keys`() async throws {
        try await ObjectStoreBench.use { bench in
            let file = try bench.makeFile("file", size: Self.large)
            let digest = try await FileDigest.sha256(of: file)
            let key = bench.prefix + "granted"
            let uploadID = try await bench.client.createMultipart(
                key: key, contentType: "video/mp4", sha256: digest)
            let open = try await bench.client.listMultipartUploads(prefix: bench.prefix)
            #expect(open.map(\.uploadID) == [uploadID])
            #expect(open.map(\.key) == [key])
            let grants = PartPlan(size: Int64(Self.large)).ranges.enumerated().map { index, range in
                let request = bench.client.presignPart(
                    key: key, uploadID: uploadID, part: index + 1, contentLength: Int64(range.count),
                    expires: .seconds(60))
                return (range: range, request: request)
            }
            let parts = try await bench.transfers.uploadParts(file: file, parts: grants.reversed())
            #expect(parts.map(\.number) == [1, 2, 3, 4, 5])
            #expect(try await bench.client.head(key: key) == nil)
            try await bench.client.completeMultipart(key: key, uploadID: uploadID, parts: parts, ifNoneMatch: true)
            let fetched = try await bench.transfers.download(
                bench.client.presignGet(key: key, expires: .seconds(60)), to: bench.folder.appending("out"),
                expectedSHA256: digest, expectedSize: Int64(Self.large))
            #expect(fetched.size == Int64(Self.large))
            #expect(try await bench.client.head(key: key)?.sha256 == digest)
        }
    }

    @Test func `all uploads to a key are given up, and those to its neighbours are not`() async throws {
        try await ObjectStoreBench.use { bench in
            let (key, neighbour) = (bench.prefix + "film.mp4", bench.prefix + "film.mp4.txt")
            for key in [key, key, neighbour] {
                _ = try await bench.client.createMultipart(key: key, contentType: "a/b")
            }
            #expect(try await bench.client.listMultipartUploads(prefix: key).count == 3)
            try await bench.client.abortMultiparts(key: key)
            try await bench.client.abortMultiparts(key: key)
            let left = try await bench.client.listMultipartUploads(prefix: bench.prefix)
            #expect(left.map(\.key) == [neighbour])
            try await bench.client.abortMultiparts(key: neighbour)
        }
    }

    @Test func `an aborted upload leaves nothing`() async throws {
        try await ObjectStoreBench.use { bench in
            let file = try bench.makeFile("file", size: 6 << 20)
            let key = bench.prefix + "aborted"
            let uploadID = try await bench.client.createMultipart(key: key, contentType: "a/b")
            let grant = bench.client.presignPart(
                key: key, uploadID: uploadID, part: 1, contentLength: 6 << 20, expires: .seconds(60))
            _ = try await bench.transfers.uploadParts(file: file, parts: [(0..<6 << 20, grant)])
            try await bench.client.abortMultipart(key: key, uploadID: uploadID)
            try await bench.client.abortMultipart(key: key, uploadID: uploadID)
            #expect(try await bench.client.listMultipartUploads(prefix: bench.prefix).isEmpty)
            #expect(try await bench.client.head(key: key) == nil)
            await expectStoreError(.notFound) {
                try await bench.client.completeMultipart(
                    key: key, uploadID: uploadID, parts: [(1, "etag")], ifNoneMatch: false)
            }
        }
    }

    @Test func `a cancelled upload takes its parts with it`() async throws {
        try await ObjectStoreBench.use { bench in
            let file = try bench.makeFile("file", size: 200 << 20)
            let key = bench.prefix + "cancelled"
            let store = try #require(URLComponents(string: bench.endpoint)?.port)
            let sent = Mutex(0)
            let proxy = try FaultProxy(to: store) {
                { bytes in
                    sent.withLock { $0 += bytes.count }
                    return bytes
                }
            }
            defer { proxy.close() }
            let client = try bench.client(endpoint: "http://127.0.0.1:\(proxy.port)")
            let upload = Task { try await client.upload(file: file, key: key, contentType: "a/b") }
            // More than it takes to begin the upload: parts are on their way.
            let limit = ContinuousClock.now + .seconds(30)
            while sent.withLock({ $0 }) < 1 << 20 {
                try #require(ContinuousClock.now < limit)
                await Task.yield()
            }
            upload.cancel()
            await #expect(throws: CancellationError.self) { try await upload.value }
            #expect(try await bench.client.listMultipartUploads(prefix: bench.prefix).isEmpty)
            #expect(try await bench.client.head(key: key) == nil)
        }
    }

    @Test func `a range is fetched alone`() async throws {
        try await ObjectStoreBench.use { bench in
            let key = bench.prefix + "range"
            try await bench.client.put(bytes: Array("0123456789".utf8), key: key, contentType: "a/b")
            let fetched = try await bench.client.download(key: key, to: bench.folder.appending("out"), range: 3..<7)
            #expect(fetched.size == 4)
            #expect(try bench.text(of: "out") == "3456")
            await expectStoreError(.checksumMismatch) {
                try await bench.client.download(key: key, to: bench.folder.appending("out"), range: 8..<12)
            }
        }
    }

    @Test func `bytes that are not the expected ones never appear`() async throws {
        try await ObjectStoreBench.use { bench in
            let key = bench.prefix + "checked"
            try await bench.client.put(bytes: Array("right".utf8), key: key, contentType: "a/b")
            let target = bench.folder.appending("out")
            try Data("before".utf8).write(to: URL(filePath: target.string))
            let grant = bench.client.presignGet(key: key, expires: .seconds(60))
            let wrong = String(repeating: "00", count: 32)
            await expectStoreError(.checksumMismatch) {
                try await bench.transfers.download(grant, to: target, expectedSHA256: wrong)
            }
            for size: Int64 in [4, 6] {
                await expectStoreError(.checksumMismatch) {
                    try await bench.transfers.download(grant, to: target, expectedSize: size)
                }
            }
            #expect(try bench.text(of: "out") == "before")
            #expect(try bench.files == ["out"])
        }
    }

    @Test func `several downloads of one target do not mix`() async throws {
        try await ObjectStoreBench.use { bench in
            let file = try bench.makeFile("file", size: 3 << 20)
            let stored = try await bench.client.upload(file: file, key: bench.prefix + "same", contentType: "a/b")
            let grant = bench.client.presignGet(key: bench.prefix + "same", expires: .seconds(60))
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await bench.transfers.download(
                            grant, to: bench.folder.appending("out"), expectedSHA256: stored.sha256)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await FileDigest.sha256(of: bench.folder.appending("out")) == stored.sha256)
            #expect(try bench.files == ["file", "out"])
        }
    }
}
