import Foundation
import ObjectStore
import SystemPackage
import Testing

@Suite struct ObjectStoreFailureTests {
    @Test func `the probe says what is wrong`() async throws {
        try await ObjectStoreBench.use { bench in
            try await bench.client.probe()
            func detail(_ code: ObjectStoreError.Code, _ client: S3Client) async throws -> String {
                var text = ""
                await #expect {
                    try await client.probe()
                } throws: { error in
                    text = "\(error)"
                    return (error as? ObjectStoreError)?.code == code
                }
                #expect(!text.contains(bench.secretKey))
                return text
            }
            #expect(try await detail(.denied, bench.client(secretKey: "wrong")).contains("wrong secret key"))
            #expect(try await detail(.denied, bench.client(accessKey: "nobody")).contains("does not know this"))
            #expect(try await detail(.notFound, bench.client(bucket: "no-such-bucket-here")).contains("NoSuchBucket"))
            #expect(try await detail(.clockSkew, bench.client(clockOffset: 3_600)).contains("clock"))
            let port = try ObjectStoreFaultyProxy.freePort()
            #expect(
                try await detail(.unreachable, bench.client(endpoint: "http://127.0.0.1:\(port)"))
                    .contains("no connection to the store"))
        }
    }

    @Test func `an unreachable store is an error in bounded time`() async throws {
        try await ObjectStoreBench.use { bench in
            let port = try ObjectStoreFaultyProxy.freePort()
            let client = try bench.client(endpoint: "http://127.0.0.1:\(port)")
            let file = try bench.makeFile("file", size: 20 << 20)
            let begin = ContinuousClock.now
            await expectStoreError(.unreachable) { _ = try await client.head(key: "a") }
            await expectStoreError(.unreachable) { try await client.upload(file: file, key: "a", contentType: "a/b") }
            let grant = client.presignGet(key: "a", expires: .seconds(60))
            await expectStoreError(.unreachable) {
                try await bench.transfers.download(grant, to: bench.folder.appending("out"))
            }
            #expect(ContinuousClock.now - begin < .seconds(10))
            #expect(try bench.files == ["file"])
        }
    }

    @Test func `a store that falls silent does not outlast the deadline`() async throws {
        try await ObjectStoreBench.use { bench in
            let proxy = try ObjectStoreFaultyProxy(upstream: 0, cutting: 0, after: 0)
            defer { proxy.close() }
            let client = try bench.client(endpoint: "http://127.0.0.1:\(proxy.port)")
            let file = try bench.makeFile("file", size: 1 << 20)
            let put = client.presignPut(
                key: "a", contentType: "a/b", contentLength: 1 << 20, sha256: "", expires: .seconds(60))
            let get = client.presignGet(key: "a", expires: .seconds(60))
            let begin = ContinuousClock.now
            await expectStoreError(.timeout) {
                _ = try await bench.transfers.upload(file: file, to: put, deadline: .now + .milliseconds(500))
            }
            await expectStoreError(.timeout) {
                try await bench.transfers.download(
                    get, to: bench.folder.appending("out"), deadline: .now + .milliseconds(500))
            }
            #expect(ContinuousClock.now - begin < .seconds(10))
            #expect(try bench.files == ["file"])
        }
    }

    @Test func `a broken upload is sent again`() async throws {
        try await ObjectStoreBench.use { bench in
            let proxy = try bench.proxy(cutting: 2, after: 0)
            defer { proxy.close() }
            let client = try bench.client(endpoint: "http://127.0.0.1:\(proxy.port)")
            let file = try bench.makeFile("file", size: 2 << 20)
            let digest = try await FileDigest.sha256(of: file)
            let key = bench.prefix + "again"
            let put = client.presignPut(
                key: key, contentType: "a/b", contentLength: 2 << 20, sha256: digest, ifNoneMatch: false,
                expires: .seconds(60))
            guard case .stored = try await bench.transfers.upload(file: file, to: put) else {
                Issue.record("not stored")
                return
            }
            #expect(proxy.connections >= 3)
            #expect(try await bench.client.head(key: key)?.sha256 == digest)
        }
    }

    @Test func `an upload whose answer was lost is found to be stored`() async throws {
        try await ObjectStoreBench.use { bench in
            // The answer is cut before its first byte, after the whole request went through.
            let proxy = try bench.proxy(cutting: 1, after: 0)
            defer { proxy.close() }
            let client = try bench.client(endpoint: "http://127.0.0.1:\(proxy.port)")
            let key = bench.prefix + "lost"
            try await bench.client.put(bytes: Array("same".utf8), key: key, contentType: "a/b")
            // As if the cut try had stored it: the second try meets its own bytes.
            let stored = try await client.put(
                bytes: Array("same".utf8), key: key, contentType: "a/b", ifNoneMatch: true)
            #expect(stored.size == 4)
            #expect(proxy.connections >= 2)
        }
    }

    @Test func `a download goes on where it broke off`() async throws {
        try await ObjectStoreBench.use { bench in
            let size = 6 << 20
            let file = try bench.makeFile("file", size: size)
            let key = bench.prefix + "resumed"
            let stored = try await bench.client.upload(file: file, key: key, contentType: "a/b")
            let proxy = try bench.proxy(cutting: 3, after: 1_500_000)
            defer { proxy.close() }
            let client = try bench.client(endpoint: "http://127.0.0.1:\(proxy.port)")
            let fetched = try await bench.transfers.download(
                client.presignGet(key: key, expires: .seconds(60)), to: bench.folder.appending("out"),
                expectedSHA256: stored.sha256, expectedSize: Int64(size))
            #expect(fetched.sha256 == stored.sha256)
            #expect(proxy.connections == 4)
            #expect(try bench.files == ["file", "out"])
        }
    }

    @Test func `a download that never gets through fails and leaves nothing`() async throws {
        try await ObjectStoreBench.use { bench in
            let key = bench.prefix + "never"
            try await bench.client.put(
                bytes: [UInt8](repeating: 1, count: 100_000), key: key, contentType: "a/b")
            let proxy = try bench.proxy(cutting: .max, after: 0)
            defer { proxy.close() }
            let client = try bench.client(endpoint: "http://127.0.0.1:\(proxy.port)")
            await expectStoreError(.unreachable) {
                try await client.download(key: key, to: bench.folder.appending("out"))
            }
            #expect(proxy.connections == ObjectStoreBench.retry.attempts)
            #expect(try bench.files.isEmpty)
        }
    }
}

extension ObjectStoreBench {
    /// A proxy in front of the store.
    func proxy(cutting cuts: Int, after bytes: Int) throws -> ObjectStoreFaultyProxy {
        guard let port = URL(string: endpoint)?.port.flatMap(UInt16.init) else {
            throw MissingVariable(name: "S3_ENDPOINT with a port")
        }
        return try ObjectStoreFaultyProxy(upstream: port, cutting: cuts, after: bytes)
    }
}
