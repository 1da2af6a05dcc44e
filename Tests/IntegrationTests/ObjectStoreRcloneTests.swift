import Foundation
import ObjectStore
import SystemPackage
import Testing

/// The header-signed half against another implementation of the signature: rclone's S3 server.
@Suite struct ObjectStoreRcloneTests {
    @Test func `another server takes the same signatures`() async throws {
        try await withServer { client, bench in
            for name in ["plain", "two words/ü+%25", "q?x=1&y=2"] {
                let key = bench.prefix + name
                let put = try await client.put(bytes: Array(name.utf8), key: key, contentType: "text/plain")
                #expect(try await client.head(key: key)?.size == Int64(name.utf8.count))
                try await client.download(key: key, to: bench.folder.appending("out"), expectedSHA256: put.sha256)
            }
            var listed: [String] = []
            for try await object in client.list(prefix: bench.prefix) { listed.append(object.key) }
            #expect(listed.count == 3)
            try await client.delete(keys: listed)
            #expect(try await client.page(prefix: bench.prefix).objects.isEmpty)
            #expect(try await client.head(key: bench.prefix + "plain") == nil)
        }
    }

    @Test func `another server takes parts, ranges and signed chunks`() async throws {
        try await withServer { client, bench in
            let file = try bench.makeFile("file", size: 20 << 20)
            let stored = try await client.upload(file: file, key: "folder/large", contentType: "a/b")
            try await client.download(
                key: "folder/large", to: bench.folder.appending("out"), expectedSHA256: stored.sha256)
            let part = try await client.download(
                key: "folder/large", to: bench.folder.appending("out"), range: 1_000..<3_000)
            #expect(part.size == 2_000)
            let small = try bench.makeFile("small", size: 200_000)
            try await client.put(
                stream: OddBuffers(path: small), size: 200_000, key: "folder/stream", contentType: "a/b")
            try await client.download(
                key: "folder/stream", to: bench.folder.appending("out"),
                expectedSHA256: try await FileDigest.sha256(of: small))
        }
    }

    @Test func `another server refuses a wrong secret`() async throws {
        try await withServer(secretKey: "another-secret") { client, _ in
            await expectStoreError(.denied) { try await client.probe() }
        }
    }

    /// Runs `rclone serve s3` on an empty folder with one bucket, as long as `body` takes.
    private func withServer(
        secretKey: String = "the-secret", _ body: (S3Client, ObjectStoreBench) async throws -> Void
    ) async throws {
        try await ObjectStoreBench.use { bench in
            guard let binary = ProcessInfo.processInfo.environment["RCLONE_BIN"] else {
                throw ObjectStoreBench.MissingVariable(name: "RCLONE_BIN")
            }
            let root = bench.folder.appending("served")
            try FileManager.default.createDirectory(
                atPath: root.appending("bucket").string, withIntermediateDirectories: true)
            let port = try ObjectStoreFaultyProxy.freePort()
            let server = Process()
            server.executableURL = URL(filePath: binary)
            server.arguments = [
                "serve", "s3", root.string, "--auth-key", "the-key,the-secret", "--addr", "127.0.0.1:\(port)",
                "--config", "/dev/null", "--quiet",
            ]
            server.standardOutput = FileHandle.nullDevice
            server.standardError = FileHandle.nullDevice
            try server.run()
            defer {
                server.terminate()
                server.waitUntilExit()
            }
            func client(_ secretKey: String) throws -> S3Client {
                try bench.client(
                    endpoint: "http://127.0.0.1:\(port)", bucket: "bucket", accessKey: "the-key",
                    secretKey: secretKey)
            }
            try await waitUntilReady(client("the-secret"))
            try await body(client(secretKey), bench)
        }
    }

    private func waitUntilReady(_ client: S3Client) async throws {
        let limit = ContinuousClock.now + .seconds(20)
        while true {
            do {
                return try await client.probe()
            } catch let error as ObjectStoreError where error.isTransient && ContinuousClock.now < limit {
                try await ContinuousClock().sleep(for: .milliseconds(50))
            }
        }
    }
}
